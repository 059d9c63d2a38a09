/** Values that the program makes itself (Flink's DataGeneratorSource). */
import { assert } from '../../core/errors.ts';
import type { EventTimeOptions } from './records.ts';
import { recordDecoder } from './records.ts';
import { sourceNode, type Source } from './source.ts';

export interface GeneratorOptions<T> extends EventTimeOptions<T> {
  /** How many values there are; absent: without end. */
  readonly count?: number;
  /** Absent: 10,000. */
  readonly rowsPerSecond?: number;
}

/** Never reached: some 30 million years at the rate above. */
const ENDLESS = Number.MAX_SAFE_INTEGER;

/** The values of `make`, which is called with 0, 1, 2 …, and gives the same for the same number whenever it is called: `generator((i) => ({ id: i }))`. */
export function generator<T>(make: (index: number) => T, options: GeneratorOptions<T> = {}): Source<T> {
  return {
    isTimed: options.eventTime !== undefined,
    open: (uid, environment) => {
      const node = sourceNode(uid, { columns: '`index` BIGINT', options: tableOptions(options) }, options, environment);
      return { node, decoder: recordDecoder(uid, { ...options, decode: (record) => make(indexOf(record)) }) };
    },
  };
}

const tableOptions = <T>({ count, rowsPerSecond }: GeneratorOptions<T>): Record<string, string | undefined> => ({
  connector: 'datagen',
  'rows-per-second': rowsPerSecond === undefined ? undefined : String(rowsPerSecond),
  'number-of-rows': count === undefined ? undefined : String(count),
  'fields.index.kind': 'sequence',
  'fields.index.start': '0',
  'fields.index.end': String(ENDLESS),
});

const text = new TextDecoder();

/** A generated row is JSON of its one field. */
function indexOf(record: Uint8Array): number {
  const row: unknown = JSON.parse(text.decode(record));
  assert(typeof row === 'object' && row !== null && 'index' in row, 'a generated row has its index');
  return Number(row.index);
}
