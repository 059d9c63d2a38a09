/** A platform as a command opens it: all embedded in a data directory, all real, or some of each. */
import type { DynamoStore } from '../adapters/dynamodb/index.ts';
import type { Print } from '../adapters/print/sink.ts';
import type { Workshop } from '../engine/lifecycle/job-control.ts';
import type { KafkaClusters, ClientProperties } from './brokers.ts';
import { openBucket } from './directories.ts';
import { openEmbedded, type Embedded } from './embedded.ts';
import { EMBEDDED, workshopOf } from './embedded-settings.ts';
import { workshopFrom, type Items } from './parts.ts';
import { embeddedTopics, kafkaTopics, type TopicCommands } from './topics.ts';
import { brokersOf, checkUrls, isEmbedded, isReal, type PlaceUrls } from './urls.ts';

export interface PlaceOptions {
  /** Make the data directory if there is none. */
  readonly create: boolean;
  readonly print: Print;
  /** Kafka client properties for all tables. */
  readonly client: ClientProperties;
}

export interface Place {
  readonly workshop: Workshop;
  readonly topics: TopicCommands;
  /** Null with embedded topics. */
  readonly kafka: KafkaClusters | null;
  close(): Promise<void>;
}

/** The clients of real parts are loaded where one is named. Throws OPTION_INVALID, and what opening a data directory throws. */
export async function openPlace(dir: string, urls: PlaceUrls, options: PlaceOptions): Promise<Place> {
  const brokers = brokersOf(checkUrls(urls));
  if (brokers.kind !== 'embedded' && isReal(urls)) return openReal(urls, options);
  const embedded = openEmbedded(dir, options);
  const store = isEmbedded(urls.store) ? null : await openStoreOr(urls.store, embedded);
  const kafka = brokers.kind === 'embedded' ? null : new (await import('./brokers.ts')).KafkaClusters(brokers, options.client, embedded);
  const close = async (): Promise<void> => {
    await kafka?.close();
    store?.close();
    embedded.close();
  };
  if (kafka === null && store === null && isEmbedded(urls.blobs)) return { workshop: workshopOf(embedded), topics: embeddedTopics(embedded.topics), kafka, close };
  const workshop = workshopFrom({
    items: store ?? itemsOf(embedded),
    blob: isEmbedded(urls.blobs) ? embedded.blob : openBucket(urls.blobs, embedded.runtime),
    topics: kafka ?? embedded,
    print: options.print,
    settings: store === null ? EMBEDDED : {},
  });
  return { workshop, topics: kafka === null ? embeddedTopics(embedded.topics) : kafkaTopics(() => kafka.general()), kafka, close };
}

async function openReal(urls: PlaceUrls, options: PlaceOptions): Promise<Place> {
  const { workshop, kafka, close } = (await import('./real.ts')).openRealPlace(urls, options);
  return { workshop, topics: kafkaTopics(() => kafka.general()), kafka, close };
}

async function openStoreOr(url: string, embedded: Embedded): Promise<DynamoStore> {
  try {
    return (await import('../adapters/dynamodb/index.ts')).openDynamoStore(url, embedded);
  } catch (error) {
    embedded.close();
    throw error;
  }
}

const itemsOf = ({ log, control, chunks }: Embedded): Items => ({ log, control, chunks });
