/** The credentials of this process, for requests that no client of AWS's own makes. */
import { S3Client } from '@aws-sdk/client-s3';

let client: S3Client | null = null;

/** From the environment, ~/.aws, or the role of a function; renewed before they expire. */
export const awsCredentials = (): ReturnType<S3Client['config']['credentials']> => (client ??= new S3Client({})).config.credentials();
