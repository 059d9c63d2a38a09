/** The table and the bucket that `SLUICE_STORE` and `SLUICE_BLOBS` name: made if they are not there. */
import { BucketAlreadyOwnedByYou, CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { createTable } from '../../lib/adapters/dynamodb/index.ts';
import { BUCKET, CREDENTIALS, TABLE } from './environment.ts';

export async function ensureTable(endpoint: string): Promise<void> {
  for (const [name, value] of Object.entries(CREDENTIALS)) process.env[name] ??= value;
  await createTable(`dynamodb://${TABLE}?endpoint=${encodeURIComponent(endpoint)}&region=${CREDENTIALS.AWS_REGION}`);
}

export async function ensureBucket(endpoint: string): Promise<void> {
  const credentials = { accessKeyId: CREDENTIALS.AWS_ACCESS_KEY_ID, secretAccessKey: CREDENTIALS.AWS_SECRET_ACCESS_KEY };
  const client = new S3Client({ region: CREDENTIALS.AWS_REGION, credentials, endpoint, forcePathStyle: true });
  try {
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  } catch (error) {
    if (!(error instanceof BucketAlreadyOwnedByYou)) throw error;
  } finally {
    client.destroy();
  }
}
