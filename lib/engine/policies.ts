/** What a job does where records are bad, gone or ahead of their time: the policies of W7, W10, F6 and §2.2, set as options of the plan. */
import { parseDuration } from '../core/duration.ts';
import { SluiceError } from '../core/errors.ts';
import { isKind, type Plan } from '../core/plan.ts';

/** `strict`: offsets without a record are an error; `verify`: the topic is asked what lies there; `trust`: nobody asks. */
const GAP = ['verify', 'strict', 'trust'] as const;
/** Records that the topic removed before they were read: `fail`, or `continue` behind them and count the offsets. */
const DATA_LOSS = ['fail', 'continue'] as const;
/** A record that fails deterministically: `fail`, the partition waits, as in Flink; `skip` and count it; or `dlq`, it goes to the dead-letter table. */
const RECORD_ERROR = ['fail', 'skip', 'dlq'] as const;
/** What tells a topic from another one under its name: its id, without which no job is created; or, where brokers have none, nothing but offsets (W6). */
const TOPIC_IDENTITY = ['topic-id', 'offsets-only'] as const;

export interface Policies {
  readonly gap: (typeof GAP)[number];
  readonly dataLoss: (typeof DATA_LOSS)[number];
  readonly recordError: (typeof RECORD_ERROR)[number];
  readonly topicIdentity: (typeof TOPIC_IDENTITY)[number];
  /** A partition with records behind its log becomes idle after this time all the same, ms; Infinity: never (F6). */
  readonly idleWithLagMs: number;
  /** A record whose row time is further ahead of the writer's clock than this does not move the watermark, ms; Infinity: every one does. */
  readonly maxFutureMs: number;
  /** A call of a function of the program that takes longer is interrupted, ms. */
  readonly functionTimeoutMs: number;
}

const FUNCTION_TIMEOUT_MS = 60_000;
/** More than this no timer takes, ms. */
const TIMEOUT_MAX_MS = 2 ** 31 - 1;

/** The first value of each list is the default. Throws OPTION_INVALID. */
export function policiesOf({ options, nodes }: Plan): Policies {
  const recordError = choice(options, 'sluice.on-record-error', RECORD_ERROR);
  if (recordError === 'dlq' && !nodes.some(isKind('failed-records'))) {
    throw new SluiceError('OPTION_INVALID', { message: "'sluice.on-record-error' is 'dlq', but the plan has no dead-letter table", hint: "name one with 'sluice.dead-letter-table'" });
  }
  return {
    gap: choice(options, 'sluice.gap-policy', GAP),
    dataLoss: choice(options, 'sluice.data-loss-policy', DATA_LOSS),
    recordError,
    topicIdentity: choice(options, 'sluice.topic-identity', TOPIC_IDENTITY),
    idleWithLagMs: duration(options, 'sluice.idle-with-lag-timeout'),
    maxFutureMs: duration(options, 'sluice.watermark.max-future'),
    functionTimeoutMs: Math.min(TIMEOUT_MAX_MS, timeout(options, 'sluice.function-timeout', FUNCTION_TIMEOUT_MS)),
  };
}

function choice<T extends string>(options: Plan['options'], key: string, values: readonly [T, ...T[]]): T {
  const text = options[key]?.toLowerCase().replaceAll('_', '-');
  const found = text === undefined ? values[0] : values.find((value) => value === text);
  if (found !== undefined) return found;
  throw new SluiceError('OPTION_INVALID', { message: `'${key}' takes ${values.join(', ')}, not '${options[key]}'` });
}

function timeout(options: Plan['options'], key: string, otherwise: number): number {
  const ms = duration(options, key, otherwise);
  if (ms >= 1) return Math.ceil(ms);
  throw new SluiceError('OPTION_INVALID', { message: `'${key}' takes a duration of 1 ms at least, not '${options[key]}'` });
}

function duration(options: Plan['options'], key: string, otherwise = Infinity): number {
  const text = options[key];
  const ms = text === undefined ? otherwise : parseDuration(text);
  if (ms !== null) return ms;
  throw new SluiceError('OPTION_INVALID', { message: `'${key}' takes a duration such as '10 min', not '${text}'` });
}
