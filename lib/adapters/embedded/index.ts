/**
 * Everything that a laptop needs, in one data directory: `store.db`, `topics/`, `blobs/`. This is a composition root, the one
 * file here that knows other adapters.
 */
import { join } from 'node:path';
import { SluiceError } from '../../core/errors.ts';
import type { JobId } from '../../core/numbers.ts';
import type { SinkNode } from '../../core/plan.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Codec, Runtime } from '../../ports/runtime.ts';
import type { Sink, Sinks } from '../../ports/sink.ts';
import { FileBlob, openDirectory } from '../file/blob.ts';
import { openFileSink } from '../file/table-sink.ts';
import { nodeCodec } from '../node/codec.ts';
import { nodeRuntime } from '../node/runtime.ts';
import { blackhole, PrintSink, type Print } from '../print/sink.ts';
import { EmbeddedChunks } from './chunks.ts';
import { EmbeddedControl } from './control.ts';
import { EmbeddedLog } from './log.ts';
import { EmbeddedOffsets } from './offsets.ts';
import { openStore, type Store } from './store.ts';
import { EmbeddedTopics } from './topics.ts';

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
    sinks: embeddedSinks(runtime, print),
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

const printToStreams: Print = (text, target) => void process[target].write(text);

const embeddedSinks = (runtime: Runtime, print: Print): Sinks => ({
  open: async (job, node) => openSink(job, node, runtime, print),
});

function openSink(job: JobId, node: SinkNode, runtime: Runtime, print: Print): Sink {
  switch (node.connector) {
    case 'filesystem':
      return openFileSink({ job, node, runtime });
    case 'print':
      return new PrintSink(node, print);
    case 'blackhole':
      return blackhole;
    default:
      throw new SluiceError('OPTION_INVALID', { message: `no sink for the connector '${String(node.connector)}'` });
  }
}
