/** Starts Kafka, DynamoDB and S3 once for all tests against real servers, and leaves neither processes nor files behind, also on Ctrl-C. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environmentOf } from '../services/environment.ts';
import { down, up } from '../services/services.ts';
import { DIRECTORY } from './servers.ts';

export default async function setup(): Promise<() => Promise<void>> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-real-'));
  const teardown = onceOnly(() => remove(dir));
  const interrupted = (): void => void teardown().finally(() => process.exit(130));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, interrupted);
  const { running, absent } = await up({ dir });
  if (absent.length > 0) {
    await teardown();
    throw new Error(`The tests against real servers need all of them.\n${absent.map(({ name, kind, why }) => `${name}: ${kind}. ${why}`).join('\n')}`);
  }
  Object.assign(process.env, environmentOf(running), { [DIRECTORY]: dir });
  return teardown;
}

async function remove(dir: string): Promise<void> {
  await down({ dir });
  rmSync(dir, { recursive: true, force: true });
}

/** Vitest's own teardown and a signal may meet. */
function onceOnly(action: () => Promise<void>): () => Promise<void> {
  let begun: Promise<void> | null = null;
  return () => (begun ??= action());
}
