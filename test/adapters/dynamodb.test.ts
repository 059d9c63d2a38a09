/** The DynamoDB store keeps the laws of its ports against servers from npm. */
import { afterAll, beforeAll, test } from 'vitest';
import { dynoxideBinary, startDynalite, startDynoxide } from '../servers/dynamodb.ts';
import { useTestCredentials, type RunningServer } from '../servers/listening.ts';
import { dynamoLaws, dynamoUnderFaults } from './dynamodb-laws.ts';

useTestCredentials();

function started(start: () => Promise<RunningServer>): () => string {
  let server: RunningServer | undefined;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server?.stop());
  return () => server?.endpoint ?? '';
}

const dynalite = started(startDynalite);
dynamoLaws('DynamoDB (dynalite)', dynalite);

const binary = dynoxideBinary();
if (binary === null) {
  test.skip('DynamoDB (dynoxide): the optional package @dynoxide/linux-x64 is not installed', () => {});
  dynamoUnderFaults('DynamoDB (dynalite)', dynalite);
} else {
  const dynoxide = started(() => startDynoxide(binary));
  dynamoLaws('DynamoDB (dynoxide)', dynoxide);
  dynamoUnderFaults('DynamoDB (dynoxide)', dynoxide);
}
