/** A platform of real parts: DynamoDB, S3 and Kafka. What functions open, and a laptop that is told to use them. */
import { openDynamoStore } from '../adapters/dynamodb/index.ts';
import { nodeCodec } from '../adapters/node/codec.ts';
import { nodeRuntime } from '../adapters/node/runtime.ts';
import type { Print } from '../adapters/print/sink.ts';
import { SluiceError } from '../core/errors.ts';
import type { Workshop } from '../engine/lifecycle/job-control.ts';
import { NO_CONSUMERS, type Consumers } from '../ports/consumers.ts';
import { KafkaClusters, type ClientProperties } from './brokers.ts';
import { openBucket } from './directories.ts';
import { workshopFrom } from './parts.ts';
import { printToStreams } from './sinks.ts';
import { brokersOf, checkUrls, type PlaceUrls } from './urls.ts';

export interface RealOptions {
  /** Where the `print` connector writes; default: the standard streams of this process. */
  readonly print?: Print;
  /** Kafka client properties for all tables. */
  readonly client?: ClientProperties;
  /** Default: none, since a runner follows the store. */
  readonly consumers?: Consumers;
}

export interface RealPlace {
  readonly workshop: Workshop;
  readonly kafka: KafkaClusters;
  close(): Promise<void>;
}

/** Every part connects with its first request. Throws OPTION_INVALID. */
export function openRealPlace(urls: PlaceUrls, { print = printToStreams, client = {}, consumers = NO_CONSUMERS }: RealOptions = {}): RealPlace {
  const brokers = brokersOf(checkUrls(urls));
  if (brokers.kind === 'embedded') throw new SluiceError('OPTION_INVALID', { message: 'functions read no embedded topics', hint: 'Name the brokers: HOST:PORT.' });
  const store = openDynamoStore(urls.store, { runtime: nodeRuntime });
  const kafka = new KafkaClusters(brokers, client, { runtime: nodeRuntime, codec: nodeCodec });
  return {
    workshop: workshopFrom({ items: store, blob: openBucket(urls.blobs, nodeRuntime), topics: kafka, print, consumers, settings: {}, isOfFunctions: true }),
    kafka,
    close: async () => {
      await kafka.close();
      store.close();
    },
  };
}
