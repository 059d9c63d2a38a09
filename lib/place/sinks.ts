/** The sinks that a plan may name. */
import { openFilesystemSink } from '../adapters/filesystem/open.ts';
import { blackhole, PrintSink, type Print } from '../adapters/print/sink.ts';
import { SluiceError } from '../core/errors.ts';
import type { JobId } from '../core/numbers.ts';
import type { SinkNode } from '../core/plan.ts';
import type { Runtime } from '../ports/runtime.ts';
import type { Sink, Sinks } from '../ports/sink.ts';
import { openDirectory } from './directories.ts';

/** To the standard streams of this process. */
export const printToStreams: Print = (text, target) => void process[target].write(text);

export const openSinks = (runtime: Runtime, print: Print): Sinks => ({
  open: (job, node, lineage = []) => openSink({ job, node, lineage }, runtime, print),
});

interface Opening {
  readonly job: JobId;
  readonly node: SinkNode;
  readonly lineage: readonly JobId[];
}

async function openSink({ job, node, lineage }: Opening, runtime: Runtime, print: Print): Promise<Sink> {
  switch (node.connector) {
    case 'filesystem':
      return openFilesystemSink({ job, node, openDirectory: (path) => openDirectory(path, runtime) });
    case 'dynamodb':
      return (await import('../adapters/dynamodb/open-sink.ts')).openDynamoSink({ job, node, lineage, runtime });
    case 'print':
      return new PrintSink(node, print);
    case 'blackhole':
      return blackhole;
    default:
      throw new SluiceError('OPTION_INVALID', { message: `no sink for the connector '${String(node.connector)}'` });
  }
}
