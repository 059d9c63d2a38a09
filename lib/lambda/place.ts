/** The place of a function, from its environment. Opened once per sandbox. */
import type { Workshop } from '../engine/lifecycle/job-control.ts';
import { openRealPlace } from '../place/real.ts';
import { NO_CONSUMERS, type Consumers } from '../ports/consumers.ts';
import { VARIABLES } from '../workflows/environment.ts';
import { required, wholeNumber, type Environment } from './environment.ts';
import { kafkaClientFrom } from './kafka-client.ts';

/**
 * `consumers`: only the workflow function attaches generations. Throws OPTION_INVALID where SLUICE_STORE, SLUICE_BLOBS or SLUICE_KAFKA is missing, and
 * what `kafkaClientFrom` throws.
 */
export async function workshopFrom(environment: Environment, consumers: Consumers = NO_CONSUMERS): Promise<Workshop> {
  const [store, blobs, kafka] = [required(environment, VARIABLES.store), required(environment, VARIABLES.blobs), required(environment, VARIABLES.kafka)];
  return openRealPlace({ store, blobs, kafka }, { client: await kafkaClientFrom(environment), consumers }).workshop;
}

const TICK_DEFAULT_MS = 10_000;

/** TICK of §2.1: SLUICE_TICK_MS, 1 s to 60 s. */
export const tickFrom = (environment: Environment): number => wholeNumber(environment, VARIABLES.tickMs, { min: 1000, max: 60_000, unit: 'milliseconds' }) ?? TICK_DEFAULT_MS;
