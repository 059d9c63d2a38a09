/** The place of a function, from its environment. Opened once per sandbox. */
import { SluiceError } from '../core/errors.ts';
import type { Workshop } from '../engine/lifecycle/job-control.ts';
import { readClientProperties } from '../place/client-properties.ts';
import { openRealPlace } from '../place/real.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * SLUICE_KAFKA_CONFIG names a file of Kafka client properties, where there is one. Throws OPTION_INVALID where SLUICE_STORE, SLUICE_BLOBS or
 * SLUICE_KAFKA is missing.
 */
export async function workshopFrom(environment: Environment): Promise<Workshop> {
  const [store, blobs, kafka] = ['SLUICE_STORE', 'SLUICE_BLOBS', 'SLUICE_KAFKA'].map((name) => required(environment, name));
  const config = environment['SLUICE_KAFKA_CONFIG'];
  const client = config === undefined ? {} : await readClientProperties(config);
  return openRealPlace({ store: store ?? '', blobs: blobs ?? '', kafka: kafka ?? '' }, { client }).workshop;
}

function required(environment: Environment, name: string): string {
  const value = environment[name];
  if (value !== undefined && value !== '') return value;
  throw new SluiceError('OPTION_INVALID', { message: `the environment variable ${name} is not set`, hint: 'set it as the option of `sluice up` that has the same meaning' });
}

const TICK_DEFAULT_MS = 10_000;

/** TICK of §2.1: SLUICE_TICK_MS, 1 s to 60 s. */
export function tickFrom(environment: Environment): number {
  const text = environment['SLUICE_TICK_MS'];
  if (text === undefined) return TICK_DEFAULT_MS;
  const ms = Number(text);
  if (Number.isInteger(ms) && ms >= 1000 && ms <= 60_000) return ms;
  throw new SluiceError('OPTION_INVALID', { message: `SLUICE_TICK_MS cannot be '${text}'`, hint: 'set it to milliseconds from 1000 to 60000' });
}
