/** Everything that a laptop needs, in one data directory: `store.db`, `topics/`, `blobs/`. */
import { join } from 'node:path';
import { NO_CONSUMERS } from '../ports/consumers.ts';
import type { Ports } from '../ports/ports.ts';
import type { Codec, Runtime } from '../ports/runtime.ts';
import { FileBlob } from '../adapters/file/blob.ts';
import { nodeCodec } from '../adapters/node/codec.ts';
import { nodeRuntime } from '../adapters/node/runtime.ts';
import type { Print } from '../adapters/print/sink.ts';
import { EmbeddedChunks } from '../adapters/embedded/chunks.ts';
import { EmbeddedControl } from '../adapters/embedded/control.ts';
import { EmbeddedLog } from '../adapters/embedded/log.ts';
import { EmbeddedOffsets } from '../adapters/embedded/offsets.ts';
import { openStore, type Store } from '../adapters/embedded/store.ts';
import { EmbeddedTopics } from '../adapters/embedded/topics.ts';
import { openDirectory } from './directories.ts';
import { openSinks, printToStreams } from './sinks.ts';

export interface EmbeddedOptions {
  /** Make the data directory if there is none; without it a missing one is FILE_UNREADABLE. */
  readonly create: boolean;
  readonly runtime?: Runtime;
  readonly codec?: Codec;
  /** Where the `print` connector writes; default: the standard streams of this process. */
  readonly print?: Print;
}

export interface Embedded extends Ports {
  /** The same object as `source`, with `createTopic`, `listTopics` and `produce`. */
  readonly topics: EmbeddedTopics;
  /** For `sweep` and `chunkKeys`. */
  readonly store: Store;
  /** Closes store and files; calls after it fail with a StoreError. */
  close(): void;
}

/** Opens a data directory; any number of processes may have it open. Throws as `openStore` does. */
export function openEmbedded(dir: string, options: EmbeddedOptions): Embedded {
  const { runtime = nodeRuntime, codec = nodeCodec, print = printToStreams } = options;
  const store = openStore(dir, options);
  const offsets = new EmbeddedOffsets(store);
  const topics = new EmbeddedTopics({ dir, store, offsets, runtime });
  return {
    log: new EmbeddedLog(store),
    control: new EmbeddedControl(store),
    chunks: new EmbeddedChunks(store),
    blob: new FileBlob(join(dir, 'blobs'), runtime),
    openDirectory: (url) => openDirectory(url, runtime),
    source: topics,
    offsets,
    consumers: NO_CONSUMERS,
    sinks: openSinks(runtime, print),
    runtime,
    codec,
    topics,
    store,
    close: () => {
      topics.close();
      store.close();
    },
  };
}
