/**
 * A failure as Flink's clients read it. They look at `serialized-throwable` alone: Java's serialization of an
 * `org.apache.flink.util.SerializedThrowable`, which has kept its form from 1.18 to 2.4.
 */
import type { SluiceError } from '../../core/errors.ts';
import type { JobId } from '../../core/numbers.ts';
import { failureText } from './refusal.ts';
import { object, text, type Of } from './shape.ts';

export const FAILURE_CAUSE = object({ class: text, 'stack-trace': text, 'serialized-throwable': text });

export interface JavaFailure {
  /** Name of a class of Java, which clients print. */
  readonly type: string;
  readonly message: string;
}

/** `otherwise`: the class of what has none of its own in Flink. No error: a defect, of which nothing is said. */
export function failureOf(error: SluiceError | null, job: JobId | null, otherwise: string): JavaFailure {
  if (error === null) return { type: otherwise, message: 'Internal server error.' };
  if (job === null || error.code !== 'JOB_UNKNOWN') return { type: otherwise, message: failureText(error) };
  return { type: 'org.apache.flink.runtime.messages.FlinkJobNotFoundException', message: `Could not find Flink job (${job})` };
}

export function failureCause({ type, message: whole }: JavaFailure): Of<typeof FAILURE_CAUSE> {
  const message = whole.slice(0, MESSAGE_MAX);
  return { class: type, 'stack-trace': `${type}: ${message}`, 'serialized-throwable': serialized({ type, message }).toString('base64') };
}

/** Java's names for what the stream is made of. */
const TC = { null: 0x70, reference: 0x71, classDesc: 0x72, object: 0x73, string: 0x74, endBlockData: 0x78 } as const;
const SERIALIZABLE = 2;
const WITH_WRITE_METHOD = 3;
/** Of the first object in the stream that can be referred to; the string `Ljava/lang/String;` is the one behind the class that names it. */
const STRING_TYPE = Buffer.from([TC.reference, 0x00, 0x7e, 0x00, 0x01]);

const UIDS = { serializedThrowable: 7284183123441947635n, exception: -3387516993124229948n, throwable: -3042686055658047285n } as const;

/** A text of Java's `writeUTF` has 65535 bytes at most; a character takes three. */
const MESSAGE_MAX = 20_000;

function serialized({ type, message }: JavaFailure): Buffer {
  return Buffer.concat([
    Buffer.from([0xac, 0xed, 0x00, 0x05, TC.object]),
    classDesc('org.apache.flink.util.SerializedThrowable', UIDS.serializedThrowable, SERIALIZABLE, [
      field('L', 'fullStringifiedStackTrace', string('Ljava/lang/String;')),
      field('L', 'originalErrorClassName', STRING_TYPE),
      field('[', 'serializedException', string('[B')),
    ]),
    classDesc('java.lang.Exception', UIDS.exception, SERIALIZABLE, []),
    classDesc('java.lang.Throwable', UIDS.throwable, WITH_WRITE_METHOD, [
      field('L', 'cause', string('Ljava/lang/Throwable;')),
      field('L', 'detailMessage', STRING_TYPE),
      field('[', 'stackTrace', string('[Ljava/lang/StackTraceElement;')),
      field('L', 'suppressedExceptions', string('Ljava/util/List;')),
    ]),
    Buffer.from([TC.null]),
    // The values, of the topmost class first; `detailMessage` is what clients print.
    Buffer.from([TC.null]),
    string(`${type}: ${message}`),
    Buffer.from([TC.null, TC.null, TC.endBlockData]),
    string(`${type}: ${message}`),
    string(type),
    Buffer.from([TC.null]),
  ]);
}

const classDesc = (name: string, uid: bigint, flags: number, fields: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.from([TC.classDesc]), utf(name), int64(uid), Buffer.from([flags, 0, fields.length]), ...fields, Buffer.from([TC.endBlockData])]);

const field = (kind: 'L' | '[', name: string, type: Buffer): Buffer => Buffer.concat([Buffer.from(kind), utf(name), type]);

const string = (value: string): Buffer => Buffer.concat([Buffer.from([TC.string]), utf(value)]);

function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}

/** Two bytes of length, then modified UTF-8: each half of a surrogate pair is encoded alone, and NUL takes two bytes. */
function utf(value: string): Buffer {
  const bytes = Buffer.concat(Array.from({ length: value.length }, (_, i) => unit(value.charCodeAt(i))));
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}

function unit(code: number): Buffer {
  if (code !== 0 && code < 0x80) return Buffer.from([code]);
  if (code < 0x800) return Buffer.from([0xc0 | (code >> 6), 0x80 | (code & 0x3f)]);
  return Buffer.from([0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)]);
}
