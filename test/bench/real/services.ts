/** Kafka, DynamoDB and S3 for a benchmark, in a directory of their own that goes with them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlaceUrls } from '../../../lib/place/urls.ts';
import { BUCKET, environmentOf, TABLE } from '../../services/environment.ts';
import type { DynamoEngine } from '../../services/launch.ts';
import { down, up } from '../../services/services.ts';

export interface BenchServices {
  readonly dir: string;
  readonly urls: PlaceUrls;
  /** HTTP endpoints. */
  readonly dynamodb: string;
  readonly s3: string;
  /** What runs, for the heading. */
  readonly engines: string;
}

/** The environment of this process names them while `action` runs; afterwards nothing is left of them, even if it is interrupted. */
export async function withServices(dynamo: DynamoEngine, action: (services: BenchServices) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-bench-real-'));
  const end = async (): Promise<void> => {
    await down({ dir });
    rmSync(dir, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end().finally(() => process.exit(1)));
  try {
    const { running, absent } = await up({ dir, dynamo });
    if (absent.length > 0) throw new Error(`the benchmark needs all services.\n${absent.map(({ name, why }) => `${name}: ${why}`).join('\n')}`);
    const environment = environmentOf(running);
    Object.assign(process.env, environment);
    const engines = [...running.values()].map(({ engine }) => engine).join(', ');
    const named = (name: string): string => environment[name] ?? '';
    const urls = { store: `dynamodb://${TABLE}`, blobs: `s3://${BUCKET}/bench`, kafka: named('KAFKA') };
    await action({ dir, engines, urls, dynamodb: named('AWS_ENDPOINT_URL_DYNAMODB'), s3: named('AWS_ENDPOINT_URL_S3') });
  } finally {
    await end();
  }
}
