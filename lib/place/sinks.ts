/** The sinks that a plan may name. */
import { openFilesystemSink } from '../adapters/filesystem/open.ts';
import { blackhole, PrintSink, type Print } from '../adapters/print/sink.ts';
import { SluiceError } from '../core/errors.ts';
import type { JobId } from '../core/numbers.ts';
import type { SinkNode } from '../core/plan.ts';
import type { Runtime } from '../ports/runtime.ts';
import type { Sink, Sinks } from '../ports/sink.ts';
import type { KafkaClusters } from './brokers.ts';
import { openDirectory } from './directories.ts';

/** To the standard streams of this process. */
export const printToStreams: Print = (text, target) => void process[target].write(text);

/** `kafka`: null where topics are embedded ones. */
export const openSinks = (runtime: Runtime, print: Print, kafka: Pick<KafkaClusters, 'ofSink'> | null = null): Sinks => ({
  open: (job, node, lineage = []) => openSink({ job, node, lineage }, { runtime, print, kafka }),
});

interface Opening {
  readonly job: JobId;
  readonly node: SinkNode;
  readonly lineage: readonly JobId[];
}

interface SinkParts {
  readonly runtime: Runtime;
  readonly print: Print;
  readonly kafka: Pick<KafkaClusters, 'ofSink'> | null;
}

async function openSink({ job, node, lineage }: Opening, { runtime, print, kafka }: SinkParts): Promise<Sink> {
  switch (node.connector) {
    case 'kafka':
    case 'upsert-kafka':
      if (kafka === null) throw withoutBrokers(node);
      return kafka.ofSink(node).sink(job, node);
    case 'filesystem':
      return openFilesystemSink({ job, node, openDirectory: (path) => openDirectory(path, runtime) });
    case 'dynamodb':
      return (await import('../adapters/dynamodb/open-sink.ts')).openDynamoSink({ job, node, lineage, runtime });
    case 'print':
      return new PrintSink(node, print);
    case 'blackhole':
      return blackhole;
    case 'iceberg':
      // Parquet and Avro are loaded by those who write them.
      return (await import('./iceberg.ts')).openIcebergSink(job, node, runtime);
    default:
      throw new SluiceError('OPTION_INVALID', { message: `no sink for the connector '${String(node.connector)}'` });
  }
}

/** Records of embedded topics are values only, and are there with their newline: no keys, no headers, no transactions. */
const withoutBrokers = ({ table, connector }: SinkNode): SluiceError =>
  new SluiceError('OPTION_INVALID', {
    message: `table '${table}' ('connector' = '${connector}') cannot be written: embedded topics are for input`,
    hint: "Name the brokers (--kafka HOST:PORT), or write into a table with 'connector' = 'filesystem'.",
  });
