/**
 * The one table of errors. A code is stable, its message is not; the kind says what the caller must do:
 *
 * | kind | what the caller does |
 * |---|---|
 * | usage | show message and hint to the user; nothing was changed |
 * | data | a record or file is bad: report position and cause, leave everything else running |
 * | retry | nothing is wrong for good: read the facts again and repeat, within a bound |
 * | fenced | somebody else has taken over: stop, write nothing, do not report success |
 * | lost | state or log is gone or damaged: fail closed, never guess |
 * | bug | a broken invariant: stop this step, keep the evidence |
 *
 * `hint` is what to do where the place of the error knows nothing better.
 */
export type ErrorKind = 'usage' | 'data' | 'retry' | 'fenced' | 'lost' | 'bug';

export const ERRORS = {
  // What a user typed.
  SQL_PARSE: { kind: 'usage', what: 'the statement is not Flink SQL' },
  SQL_UNSUPPORTED: { kind: 'usage', what: 'Flink SQL that Sluice does not run (yet)' },
  SQL_VALIDATE: { kind: 'usage', what: 'the statement does not fit the tables, columns or types' },
  USAGE: { kind: 'usage', what: 'the command line is wrong', hint: 'see --help' },
  JOB_UNKNOWN: { kind: 'usage', what: 'no job has this id, or several start with it' },
  JOB_STATE: { kind: 'usage', what: 'the job is not in a state that allows this', hint: 'see `sluice list -a`' },
  JOB_BUSY: { kind: 'usage', what: 'another operation on the job is under way' },
  TOPIC_UNKNOWN: { kind: 'usage', what: 'the topic does not exist', hint: 'see `sluice topic list`' },
  TOPIC_EXISTS: { kind: 'usage', what: 'the topic exists already', hint: 'choose another name; `sluice topic produce` appends to the one that exists' },
  EVENT_SOURCE_REFUSED: { kind: 'usage', what: 'an event source mapping cannot be made or changed like this', hint: 'see the README of lib/local/event-source' },
  CLOUD_FAILED: { kind: 'usage', what: 'AWS refuses what a command asks of it, or has ended its execution', hint: 'correct what the message names, then repeat the command' },
  CONSUMERS_REFUSED: { kind: 'usage', what: 'AWS refuses what brings the records of a job to its functions', hint: 'correct what the message names, then repeat the operation' },
  OPTION_INVALID: { kind: 'usage', what: 'an option has a wrong name or value', hint: 'correct the name or the value, then repeat the statement or command' },
  FILE_UNREADABLE: { kind: 'usage', what: 'a file that the user named cannot be read', hint: 'check the path, and who may read it; `--dir` names the data directory' },
  GATEWAY_REFUSED: { kind: 'usage', what: 'the SQL gateway has no such session or operation, or takes no more of them' },
  QUERY_FAILED: { kind: 'usage', what: 'DuckDB refused the query' },
  QUERY_TOO_LARGE: { kind: 'usage', what: 'a query holds more state than one that leaves nothing behind may have', hint: 'write its result with INSERT INTO: the state of a job is in the store' },
  JOB_DEFINITION: { kind: 'usage', what: 'the program does not define a job that can run' },
  CODE_MISSING: { kind: 'usage', what: 'the program of the job is not the one that its plan was made by', hint: 'submit the job again with its program' },
  NODE_VERSION: { kind: 'usage', what: 'this Node.js is too old' },
  // Savepoints.
  SAVEPOINT_NOT_FOUND: { kind: 'usage', what: 'the directory holds no complete savepoint' },
  SAVEPOINT_UNWRITABLE: { kind: 'usage', what: 'the savepoint directory cannot be written; the job goes on' },
  SAVEPOINT_CORRUPT: { kind: 'lost', what: 'the savepoint is truncated or was edited without reseal' },
  SAVEPOINT_VERSION: { kind: 'usage', what: 'the savepoint was written by a newer Sluice' },
  SAVEPOINT_DRAINED: { kind: 'usage', what: 'the savepoint was drained: its windows have fired already' },
  STATE_INCOMPATIBLE: { kind: 'usage', what: 'the plan cannot take over the state' },
  // Records (W10).
  RECORD_MALFORMED: { kind: 'data', what: 'a record cannot be decoded' },
  ROWTIME_NULL: { kind: 'data', what: 'the row time of a record is null' },
  EXPRESSION_FAILED: { kind: 'data', what: 'an expression fails on a record, as it would in Flink' },
  FUNCTION_THREW: { kind: 'data', what: 'a function of the program fails on a record or timer', hint: 'mend the function, or the record' },
  FUNCTION_TOO_SLOW: { kind: 'data', what: 'a function of the program does not come back', hint: "mend the function, or give it more time: SET 'sluice.function-timeout' = '5 min'" },
  STATE_VALUE_INVALID: { kind: 'data', what: 'a value of the program cannot be stored, or is not what its schema says', hint: 'store plain data: objects, arrays, texts, numbers, dates, maps, sets, bytes' },
  RECORDS_NOT_PARTITIONED: { kind: 'data', what: 'records with one key have come in two partitions, and the function runs within each', hint: 'have the producer partition by this key, and submit the job anew; or cancel it, and resume from its last savepoint with keyBy, which takes the state over' },
  // Source (W6, W7).
  PARTITION_ADDED: { kind: 'usage', what: 'a topic has got partitions that a function which runs within partitions cannot take in', hint: 'stop the job with a savepoint, and resume it with keyBy, which takes the state over and does not depend on partitions' },
  TOPIC_RECREATED: { kind: 'lost', what: 'the topic was deleted and created again' },
  TOPIC_TRUNCATED: { kind: 'lost', what: 'the topic ends before the position that was read', hint: 'put the records back, or start a new job' },
  OFFSET_GAP: { kind: 'lost', what: 'records between the log and the topic are gone' },
  GAP: { kind: 'retry', what: 'a batch begins behind records that are still there' },
  // Protocol.
  FROZEN: { kind: 'fenced', what: 'the partition log is frozen (W9)' },
  CLOSED: { kind: 'fenced', what: 'the generation is closed (W11)' },
  COVERAGE: { kind: 'retry', what: 'no checkpoint for too long: writers wait (T5)' },
  CLOCK_SKEW: { kind: 'retry', what: 'the clock of this process is too far from that of the store (K1)', hint: 'set the clock of this machine; it writes nothing until then, other processes go on' },
  CONTENTION: { kind: 'retry', what: 'other processes were faster in every attempt', hint: 'repeat the command' },
  FUNCTION_FAILED: { kind: 'retry', what: 'a function of the platform ended with an error', hint: 'it is invoked again; correct what its message names' },
  SINK_UNAVAILABLE: { kind: 'retry', what: 'a sink does not confirm', hint: 'make the place writable; its rows are kept and written then' },
  LOG_EXPIRED: { kind: 'lost', what: 'the head of a log is past its lifetime (T3)' },
  LOG_TRUNCATED: { kind: 'lost', what: 'entries behind the checkpoint are missing (T4)' },
  CHECKPOINT_CHUNK_MISSING: { kind: 'lost', what: 'a chunk that a checkpoint lists is gone (C6)' },
  STORE_CORRUPT: { kind: 'lost', what: 'a stored item does not match its checksum', hint: 'put a copy of the data directory in its place; a savepoint elsewhere can be resumed from' },
  STORE_FAILED: { kind: 'retry', what: 'the store did not answer, or refused', hint: 'check the disk and who may write to it, then repeat the command' },
  FORMAT_VERSION: { kind: 'lost', what: 'a stored item was written by a newer Sluice (V5)' },
  REPLAY_DIFFERS: { kind: 'bug', what: 'replaying a FIRE does not give its stored result (F4)' },
  INVARIANT: { kind: 'bug', what: 'the code contradicts itself' },
} as const satisfies Record<string, { kind: ErrorKind; what: string; hint?: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** True for a code of the table; another version of Sluice may know others. */
export const isErrorCode = (text: string): text is ErrorCode => Object.hasOwn(ERRORS, text);

export interface ErrorParts {
  /** What went wrong and where, with the value got. */
  readonly message: string;
  /** What to do next; one sentence. */
  readonly hint?: string;
  readonly cause?: unknown;
  /** Machine-readable facts: topic, partition, offset, path … */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Every error that Sluice means to throw. Anything else that surfaces is a defect. */
export class SluiceError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, parts: ErrorParts) {
    super(parts.message, parts.cause === undefined ? undefined : { cause: parts.cause });
    this.name = 'SluiceError';
    this.code = code;
    this.hint = parts.hint ?? defaultHint(code);
    this.details = parts.details ?? {};
  }

  get kind(): ErrorKind {
    return ERRORS[this.code].kind;
  }
}

function defaultHint(code: ErrorCode): string | undefined {
  const entry = ERRORS[code];
  return 'hint' in entry ? entry.hint : undefined;
}

/**
 * A failed request to a store. `happened` says whether its effect may be there all the same: `no` may be repeated
 * blindly, `maybe` must be resolved by reading. Unknown counts as `maybe`.
 */
export class StoreError extends SluiceError {
  readonly happened: 'no' | 'maybe';

  constructor(happened: 'no' | 'maybe', parts: ErrorParts) {
    super('STORE_FAILED', parts);
    this.name = 'StoreError';
    this.happened = happened;
  }
}

export const isError = (error: unknown, ...codes: ErrorCode[]): error is SluiceError =>
  error instanceof SluiceError && (codes.length === 0 || codes.includes(error.code));

/** The message without the code that those of SQL begin with: behind other words it would be said twice. */
export const messageOf = ({ code, message }: SluiceError): string => (message.startsWith(code) ? message.slice(code.length).replace(/^:? /, '') : message);

/** States what must hold; a failure is a defect of Sluice, not of its user. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new SluiceError('INVARIANT', { message });
}
