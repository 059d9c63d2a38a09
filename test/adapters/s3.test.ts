/** The S3 blobs keep the laws of Blob against a small server in this process. */
import { afterAll, beforeAll } from 'vitest';
import { useTestCredentials } from '../servers/listening.ts';
import { startS3, type S3Server } from '../servers/s3.ts';
import { s3Laws } from './s3-laws.ts';

useTestCredentials();

let server: S3Server;
beforeAll(async () => {
  server = await startS3();
  server.createBucket('bucket');
});
afterAll(() => server.stop());

s3Laws('S3 (in process)', (unique) => `s3://bucket/${unique}/root?endpoint=${server.endpoint}&region=us-east-1`);
