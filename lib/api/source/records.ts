/** Sources of records that the program decodes: JSON, checked by a schema where there is one, or whatever a function of its own makes of the bytes. */
import { thrownText } from '../../core/error-text.ts';
import { isError, SluiceError } from '../../core/errors.ts';
import type { DecodeRecord } from '../../core/process/code.ts';
import { issueText, type StandardSchema } from '../../core/process/standard-schema.ts';
import { Raw } from '../../core/types.ts';
import type { Duration } from '../duration.ts';
import { refuse } from '../refusal.ts';
import { epochMsOf, type Instant } from './instant.ts';

/** What sources of all kinds know of their records. `T` follows from the schema, from `decode`, or is given: `kafka<Payment>({ … })`. */
export interface RecordOptions<T> extends EventTimeOptions<T> {
  /** A Standard Schema, as zod, valibot and ArkType have: records that do not fit are RECORD_MALFORMED, and its output is the value. Without, any JSON is taken. */
  readonly schema?: StandardSchema<T>;
  /** The value of a record that is no JSON; it may throw. With a schema, the schema checks what it gives. */
  readonly decode?: (record: Uint8Array) => unknown;
}

export interface EventTimeOptions<T> {
  /** Event time of a value; a record without one is ROWTIME_NULL. Absent: the stream has no event time. */
  readonly eventTime?: (value: T) => Instant | null | undefined;
  /** How far behind the latest event time the watermark stays (Flink's forBoundedOutOfOrderness); absent: not at all. */
  readonly outOfOrderness?: Duration;
  /** A partition without records for so long holds the watermark back no more (`scan.watermark.idle-timeout`). */
  readonly idleTimeout?: Duration;
}

const text = new TextDecoder('utf-8', { fatal: true });

/** The rows of `STREAM_ROW` from records; tombstones are passed over. */
export function recordDecoder<T>(uid: string, { schema, decode = parseJson, eventTime }: RecordOptions<T>): DecodeRecord {
  const check = schema === undefined ? taken : checkedBy(uid, schema);
  return (record) => {
    if (record === null) return null;
    const value = malformedOnThrow('the record', () => decode(record));
    const checked = malformedOnThrow('the record', () => check(value));
    const time = eventTime === undefined ? null : malformedOnThrow('its event time', () => epochMsOf(timeOf(eventTime, checked)));
    return [new Raw(checked), time];
  };
}

/** A value that no schema checks has the type that the program says. */
const timeOf = <T>(eventTime: (value: T) => Instant | null | undefined, value: unknown): Instant | null | undefined => eventTime(value as T);

const parseJson = (record: Uint8Array): unknown => JSON.parse(text.decode(record));
const taken = (value: unknown): unknown => value;

function checkedBy<T>(uid: string, schema: StandardSchema<T>): (value: unknown) => unknown {
  return (value) => {
    const result = schema['~standard'].validate(value);
    if (result instanceof Promise) return refuse(`source ${uid}`, 'its schema validates asynchronously', 'Leave async refinements out: records are checked one after the other.');
    if (result.issues === undefined) return result.value;
    throw new SluiceError('RECORD_MALFORMED', { message: result.issues.map(issueText).join('; ') });
  };
}

function malformedOnThrow<R>(what: string, read: () => R): R {
  try {
    return read();
  } catch (error) {
    if (isError(error)) throw error;
    throw new SluiceError('RECORD_MALFORMED', { message: `${what} cannot be read: ${thrownText(error)}`, cause: error });
  }
}
