/** What the program of a job brings with it: functions, by the uids of the nodes that call them. The plan is data; this is the rest. */
import { SluiceError } from '../errors.ts';
import type { Plan } from '../plan.ts';
import type { Row } from '../types.ts';
import type { ProgramAggregate } from './aggregate-function.ts';
import type { KeyedFunction } from './keyed-function.ts';

/** A row of a `code` source from the bytes of a record, null for a tombstone; a SluiceError of kind `data` for one that is bad, null for none. */
export type DecodeRecord = (record: Uint8Array | null) => Row | null;

/** Hands on what it makes of a row, which it must not keep: nothing, a row, or several. Throws FUNCTION_THREW. */
export type TransformRow = (row: Row, next: (row: Row) => void) => void;

export interface Code {
  /** Of sources with the format `code`. */
  readonly decoders: ReadonlyMap<string, DecodeRecord>;
  /** Of `code` nodes. */
  readonly transforms: ReadonlyMap<string, TransformRow>;
  /** Of `process` nodes. */
  readonly functions: ReadonlyMap<string, KeyedFunction>;
  /** Of calls of `CODE` in window aggregates, by the uid of their node. */
  readonly aggregates: ReadonlyMap<string, ProgramAggregate>;
  /** Where in the files of the program an error was thrown, as `src/job.ts:12:7`; null where that is elsewhere. Absent: nobody knows. */
  readonly positionOf?: (error: unknown) => string | null;
}

/** Loads the program of a plan. */
export type CodeOf = (plan: Plan) => Promise<Code>;

/** Of plans that SQL has made. */
export const NO_CODE: Code = { decoders: new Map(), transforms: new Map(), functions: new Map(), aggregates: new Map() };

/** Nothing in the plan calls the program. */
export const isEmptyCode = ({ decoders, transforms, functions, aggregates }: Code): boolean => [decoders, transforms, functions, aggregates].every((map) => map.size === 0);

/** Throws CODE_MISSING where the program that was loaded is not the one that the plan was made by. */
export function requireCode<T>(functions: ReadonlyMap<string, T>, uid: string): T {
  const found = functions.get(uid);
  if (found !== undefined) return found;
  throw new SluiceError('CODE_MISSING', { message: `the plan calls a function of the program at ${uid}, and there is none` });
}
