/** One Kafka per test file, and topics whose names no other test uses. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { openKafka, type ConnectionProperties, type Kafka } from '../../lib/adapters/kafka/index.ts';
import { nodeCodec } from '../../lib/adapters/node/codec.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { startKafka, type KafkaParts, type RunningKafka } from '../services/kafka.ts';

const START_MS = 120_000;

/** Starts a broker before the tests of the file and stops it behind them. */
export function broker(parts: (dir: string) => Promise<Omit<KafkaParts, 'dir'>> = async () => ({})): { readonly kafka: RunningKafka } {
  const state: { kafka?: RunningKafka; dir?: string } = {};
  beforeAll(async () => {
    state.dir = await mkdtemp(join(tmpdir(), 'sluice-kafka-'));
    state.kafka = await startKafka({ dir: state.dir, ...(await parts(state.dir)) });
  }, START_MS);
  afterAll(async () => {
    await state.kafka?.stop();
    if (state.dir !== undefined) await rm(state.dir, { recursive: true, force: true });
  });
  return {
    get kafka() {
      if (state.kafka === undefined) throw new Error('Kafka runs within tests only');
      return state.kafka;
    },
  };
}

/** The adapter, for all topics of one cluster. */
export const opened = (properties: ConnectionProperties): Kafka => openKafka(() => properties, { runtime: nodeRuntime, codec: nodeCodec });

let names = 0;
/** A name that no test had before. */
export const fresh = (name: string): string => `${name}-${process.pid}-${names++}`;
