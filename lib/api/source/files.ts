/** Lines of files. */
import type { Duration } from '../duration.ts';
import { millisecondsOf } from '../duration.ts';
import { recordDecoder, type RecordOptions } from './records.ts';
import { sourceNode, type Source } from './source.ts';

export interface FilesOptions<T> extends RecordOptions<T> {
  /** A directory, or a file; each line is a record. */
  readonly path: string;
  /** How often to look for new files (`source.monitor-interval`); absent: what is there when the job is created is all. */
  readonly monitorInterval?: Duration;
}

/** The lines of a directory of files: `files({ path: 'payments/' })`. */
export function files<T = unknown>(options: FilesOptions<T>): Source<T> {
  return {
    isTimed: options.eventTime !== undefined,
    open: (uid, environment) => {
      const { path, monitorInterval } = options;
      const interval = monitorInterval === undefined ? undefined : `${millisecondsOf(monitorInterval, `source ${uid}`, 'monitorInterval')} ms`;
      const table = { columns: '`value` BYTES', options: { connector: 'filesystem', path, format: 'raw', 'source.monitor-interval': interval } };
      return { node: sourceNode(uid, table, options, environment), decoder: recordDecoder(uid, options) };
    },
  };
}
