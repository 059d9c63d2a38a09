/** Records that cannot be taken in, as rows (W10): their columns, and where they are cut. */
import { errorText } from './error-text.ts';
import { BIGINT, BYTES, INT, STRING, type Column, type Row } from './types.ts';

export interface FailedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** null: the record has no key, or its topic holds values only. */
  readonly key: Uint8Array | null;
  /** null: a tombstone. */
  readonly value: Uint8Array | null;
  /** Code and message. */
  readonly error: string;
  /** Of the sources that read the topic, the one whose record it is; null where there is one. */
  readonly source: string | null;
  /** Id of the job. */
  readonly job: string;
  /** When the job met the record, epoch ms. */
  readonly at: number;
}

const required = (name: keyof FailedRecord, type: Column['type']): Column => ({ name, type, nullable: false });
const optional = (name: keyof FailedRecord, type: Column['type']): Column => ({ name, type, nullable: true });

/** In the order of `failedRecordRow`. */
export const FAILED_RECORD_COLUMNS: readonly Column[] = [
  required('topic', STRING),
  required('partition', INT),
  required('offset', BIGINT),
  optional('key', BYTES),
  optional('value', BYTES),
  required('error', STRING),
  required('job', STRING),
  required('at', { kind: 'TIMESTAMP_LTZ', precision: 3 }),
];

/** What is longer is cut, and the error says so: position and topic tell where the whole record lies. Every sink takes rows of this size. */
export const KEY_BYTES_MAX = 4096;
export const VALUE_BYTES_MAX = 65_536;

export function failedRecordRow({ topic, partition, offset, key, value, error, source, job, at }: FailedRecord): Row {
  const cuts = [...cutText('key', key, KEY_BYTES_MAX), ...cutText('value', value, VALUE_BYTES_MAX)];
  const text = [errorText(error), ...(source === null ? [] : [`read by ${source}`]), ...cuts].join('; ');
  return [topic, partition, BigInt(offset), cut(key, KEY_BYTES_MAX), cut(value, VALUE_BYTES_MAX), text, job, at];
}

const cut = (bytes: Uint8Array | null, max: number): Uint8Array | null => bytes?.subarray(0, max) ?? null;

const cutText = (what: string, bytes: Uint8Array | null, max: number): string[] =>
  bytes === null || bytes.length <= max ? [] : [`the first ${max} of ${bytes.length} bytes of the ${what}`];
