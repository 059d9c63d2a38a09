/** What a program has to know to use the services, as names and values of its environment. */
import type { Daemon } from './daemon.ts';
import type { ServiceName } from './launch.ts';

export const TABLE = 'sluice';
export const BUCKET = 'sluice';

/** The servers take any; the SDK wants some. */
export const CREDENTIALS = { AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' } as const;

export type Running = ReadonlyMap<ServiceName, Daemon>;
type Endpoints = ReadonlyMap<ServiceName, Pick<Daemon, 'endpoint'>>;

/** Where `compose.yaml` publishes them. */
export const COMPOSE_ENDPOINTS = { kafka: '127.0.0.1:9092', dynamodb: 'http://127.0.0.1:8000', s3: 'http://127.0.0.1:4567' } as const satisfies Record<ServiceName, string>;

/** Of the services that run. */
export function environmentOf(running: Endpoints): Record<string, string> {
  const kafka = running.get('kafka')?.endpoint;
  const dynamodb = running.get('dynamodb')?.endpoint;
  const s3 = running.get('s3')?.endpoint;
  return {
    ...(kafka === undefined ? {} : { KAFKA: kafka, SLUICE_KAFKA: kafka }),
    ...(dynamodb === undefined ? {} : { AWS_ENDPOINT_URL_DYNAMODB: dynamodb, SLUICE_STORE: `dynamodb://${TABLE}` }),
    ...(s3 === undefined ? {} : { AWS_ENDPOINT_URL_S3: s3, SLUICE_BLOBS: `s3://${BUCKET}/platform` }),
    ...(dynamodb === undefined && s3 === undefined ? {} : CREDENTIALS),
  };
}
