/**
 * Functions over keyed streams, as Flink's KeyedProcessFunction and KeyedCoProcessFunction: one key at a time, its state and its timers. Everything is
 * synchronous, since state is at hand when the function runs; what it returns are its outputs, so that their type follows from it.
 *
 * A function must give the same for the same calls: a FIRE that is replayed calls it again (protocol F4). Time comes from its context, never from a clock.
 */
import type { NamedState } from './descriptor.ts';
import type { InitializationContext, PartitionInstance } from './partition-function.ts';

/** What a key has beside its state. */
export interface KeyContext<K = unknown, S = unknown> {
  /** The key whose state and timers these are. */
  readonly key: K;
  /** The states that the function has declared, under their names. */
  readonly state: S;
  readonly timers: TimerService;
  /** Event time of the element, null where the stream has none; in a timer the time for which it was registered, of either domain. Epoch ms. */
  readonly timestamp: number | null;
  /** Gives a value, with this timestamp, to a side output. */
  output<T>(tag: OutputTag<T>, value: T): void;
}

/** Flink's TimerService. A time is registered once per key and domain, however often that is done. */
export interface TimerService {
  /** Epoch ms, the same for all that a step does: the logged time of the FIRE, not a clock. */
  currentProcessingTime(): number;
  /** Epoch ms; null before there is one. */
  currentWatermark(): number | null;
  /** Fires when the watermark reaches `time`, epoch ms. */
  registerEventTimeTimer(time: number): void;
  /** Fires when processing time reaches `time`, epoch ms. */
  registerProcessingTimeTimer(time: number): void;
  /** Nothing happens where there is no such timer. */
  deleteEventTimeTimer(time: number): void;
  deleteProcessingTimeTimer(time: number): void;
}

export type TimeDomain = 'event' | 'processing';

/** A timer that fires. */
export interface Timer {
  /** The time that it was registered for, epoch ms. */
  readonly time: number;
  readonly domain: TimeDomain;
}

/** A side output, made by `sideOutput`. */
export interface OutputTag<T> {
  readonly name: string;
  /** Never there: it keeps the type. */
  readonly type?: (value: T) => void;
}

/** What a function gives: an iterable of outputs, as a generator does, or nothing. */
export type Outputs<Out> = Iterable<Out> | void;

/** A function as the engine calls it; `lib/api` has the typed ones. */
export interface KeyedFunction {
  /** In the order of `ProcessNode.states`. */
  readonly states: readonly NamedState[];
  /** By the place of the input in the connected streams. */
  readonly inputs: readonly ((value: unknown, context: KeyContext) => Outputs<unknown>)[];
  /** Of a function over source partitions, which has no other inputs. */
  readonly initialize?: (context: InitializationContext) => PartitionInstance;
  readonly onTimer?: (timer: Timer, context: KeyContext) => Outputs<unknown>;
  /** Names of the side outputs; output number i + 1 is `sideOutputs[i]`. */
  readonly sideOutputs: readonly string[];
}
