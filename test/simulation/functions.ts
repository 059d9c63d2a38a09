/** The program of simulated jobs: functions over all kinds of state and timers. What they compute matters less than that every slip of the engine changes it. */
import { aggregatingState, listState, mapState, namedStates, reducingState, valueState } from '../../lib/core/process/declare.ts';
import type { StateDescriptor, StatesOf } from '../../lib/core/process/descriptor.ts';
import type { KeyContext, KeyedFunction, Outputs, Timer } from '../../lib/core/process/keyed-function.ts';
import { digest, KEPT, SIDE, sum, timeOf, type Finding, type Purchase } from './findings.ts';
import { PARTITION_FUNCTIONS } from './partition-functions.ts';

type States = Readonly<Record<string, StateDescriptor>>;
type Context<D> = KeyContext<string, StatesOf<D>>;

/** Calls that know what they are called with; the engine does not. */
interface Calls {
  element(purchase: unknown, context: KeyContext): Outputs<Finding>;
  timer(timer: Timer, context: KeyContext): Outputs<Finding>;
}

interface Parts {
  readonly states: States;
  readonly inputs: readonly Calls['element'][];
  readonly onTimer?: Calls['timer'];
}

const functionOf = ({ states, ...calls }: Parts): KeyedFunction => ({ states: namedStates(states), ...calls, sideOutputs: [SIDE.name] });

const SECOND = 1000;
const MINUTE = 60 * SECOND;

const COUNTED = {
  total: valueState({ initial: { rows: 0, amount: 0 } }),
  last: listState<number>(),
  minutes: mapState<number, number>(),
  highest: reducingState<number>({ reduce: (a, b) => Math.max(a, b) }),
  mean: aggregatingState<number, { rows: number; amount: number }, number>({
    aggregate: {
      createAccumulator: () => ({ rows: 0, amount: 0 }),
      add: ({ rows, amount }, value) => ({ rows: rows + 1, amount: amount + value }),
      getResult: ({ rows, amount }) => Math.floor(amount / rows),
      merge: (a, b) => ({ rows: a.rows + b.rows, amount: a.amount + b.amount }),
    },
  }),
};

/** Reads, changes and writes each kind of state. */
function* count({ key, amount }: Purchase, context: Context<typeof COUNTED>): Generator<Finding> {
  const { total, last, minutes, highest, mean } = context.state;
  const was = total.value();
  total.update({ rows: was.rows + 1, amount: was.amount + amount });
  last.add(amount);
  if (last.get().length > KEPT) last.update(last.get().slice(1));
  const minute = Math.floor(timeOf(context) / MINUTE);
  minutes.put(minute, (minutes.get(minute) ?? 0) + 1);
  const [first = 0, ...others] = minutes.keys();
  if (others.length >= KEPT) minutes.remove(first);
  highest.add(amount);
  mean.add(amount);
  const at = timeOf(context) + 1;
  const read = total.value();
  const held = digest(read.amount, highest.get() ?? 0, mean.get() ?? 0);
  // What was read is a copy: this changes nothing.
  read.rows += 1000;
  last.get().push(-1);
  if (amount % 4 === 0) context.output(SIDE, { key, at, rows: [...minutes.keys()].length, amount: digest(...last.get(), sum(minutes.values())) });
  yield { key, at, rows: total.value().rows, amount: held };
  if (amount % 13 === 0) for (const state of [total, last, minutes, highest, mean]) state.clear();
}

/** A timer registers itself anew so often. */
const ROUNDS = 2;
/** Timers stand at whole ones, so that records meet at them. */
const GRID = 10 * SECOND;

const TIMED = {
  seen: valueState({ initial: { rows: 0, amount: 0 } }),
  due: valueState<number>(),
  rounds: valueState({ initial: 0 }),
  wakes: valueState({ initial: 0 }),
};

/** Most records give nothing: all that they leave are timers. `shown`: the watermark before it. */
function* registered({ key, amount }: Purchase, context: Context<typeof TIMED>, shown: number): Generator<Finding> {
  const { state, timers } = context;
  const { rows, amount: before } = state.seen.value();
  state.seen.update({ rows: rows + 1, amount: digest(before, amount) });
  const due = state.due.value();
  if (amount % 3 === 0 && due !== null) timers.deleteEventTimeTimer(due);
  const at = Math.ceil(timeOf(context) / GRID) * GRID + GRID;
  timers.registerEventTimeTimer(at);
  timers.registerEventTimeTimer(at);
  state.due.update(at);
  const wake = timers.currentProcessingTime() + SECOND;
  if (amount % 2 === 0) timers.registerProcessingTimeTimer(wake + (amount % 5) * 100);
  if (amount % 10 === 5) timers.deleteProcessingTimeTimer(wake);
  if (amount % 7 === 0) yield { key, at: timeOf(context) + 1, rows: rows + 1, amount: digest(shown, timers.currentProcessingTime()) };
}

const time = (purchase: Purchase, context: Context<typeof TIMED>): Generator<Finding> => registered(purchase, context, context.timers.currentWatermark() ?? 0);

/** In the writer, which may know the watermark behind its first records as later than others would: no log says it. */
const timeWithin = (purchase: Purchase, context: Context<typeof TIMED>): Generator<Finding> => registered(purchase, context, 0);

function* onTime({ time: at, domain }: Timer, context: Context<typeof TIMED>): Generator<Finding> {
  const { key, state, timers } = context;
  const { rows, amount } = state.seen.value();
  const now = timers.currentProcessingTime();
  if (domain === 'processing') {
    const wakes = state.wakes.value();
    state.wakes.update(wakes + 1);
    if (wakes % (ROUNDS + 1) < ROUNDS) timers.registerProcessingTimeTimer(now + 700);
    else context.output(SIDE, { key, at, rows: wakes, amount: digest(amount, now) });
    return;
  }
  yield { key, at, rows, amount: digest(amount, timers.currentWatermark() ?? 0) };
  const rounds = state.rounds.value();
  if (rounds < ROUNDS) {
    state.rounds.update(rounds + 1);
    timers.registerEventTimeTimer(at + 7 * SECOND);
    timers.registerProcessingTimeTimer(now + 500);
  } else {
    state.rounds.clear();
    state.wakes.clear();
    if (amount % 2 === 0) state.seen.clear();
    if (state.due.value() === at) state.due.clear();
  }
}

/** A record on which `falter` fails. */
export const isTooMuch = (amount: number): boolean => amount % 3 === 1;

/** Fails now and then, behind all that it has done: nothing of that counts. */
function* falter(purchase: Purchase, context: Context<typeof TIMED>): Generator<Finding> {
  yield* time(purchase, context);
  if (isTooMuch(purchase.amount)) throw new Error(`no more of ${purchase.amount}`);
}

function* falterWithin(purchase: Purchase, context: Context<typeof TIMED>): Generator<Finding> {
  yield* timeWithin(purchase, context);
  if (isTooMuch(purchase.amount)) throw new Error(`no more of ${purchase.amount}`);
}

function* falterOnTime(timer: Timer, context: Context<typeof TIMED>): Generator<Finding> {
  yield* onTime(timer, context);
  if (Math.floor(timer.time / 100) % 4 === 1) throw new Error(`no more at ${timer.time}`);
}

const EXPIRING = {
  written: valueState<number>({ ttl: { ttl: 3 * SECOND } }),
  touched: valueState<number>({ ttl: { ttl: 3 * SECOND, update: 'on-read-and-write' } }),
  shown: valueState<number>({ ttl: { ttl: 2 * SECOND, visibility: 'return-expired-if-not-cleaned-up' } }),
  list: listState<number>({ ttl: { ttl: 4 * SECOND } }),
  recent: listState<number>({ ttl: { ttl: 4 * SECOND, update: 'on-read-and-write', visibility: 'return-expired-if-not-cleaned-up' } }),
  map: mapState<number, number>({ ttl: { ttl: 3 * SECOND, update: 'on-read-and-write' } }),
  highest: reducingState<number>({ ttl: { ttl: 5 * SECOND }, reduce: (a, b) => Math.max(a, b) }),
};

/** Reads what is left of what came before, then writes a part of it. */
function* expire({ key, amount }: Purchase, context: Context<typeof EXPIRING>): Generator<Finding> {
  const { written, touched, shown, list, recent, map, highest } = context.state;
  const entry = map.get(amount % 4) ?? 0;
  const found = [written.value(), touched.value(), shown.value(), highest.get()].map((n) => n ?? 0);
  yield { key, at: timeOf(context) + 1, rows: list.get().length, amount: digest(...found, entry, ...list.get(), ...recent.get()) };
  if (amount % 2 === 0) context.output(SIDE, { key, at: timeOf(context) + 1, rows: [...map.keys()].length, amount: digest(...map.values(), Number(map.contains(0))) });
  if (amount % 3 !== 0) written.update(amount);
  if (found[1] === 0) touched.update(amount);
  if (amount % 2 === 0) shown.update(amount);
  if (amount % 3 === 0) list.add(amount);
  if (amount % 5 < 2) recent.add(amount);
  map.put(amount % 4, entry + amount);
  if (amount % 4 === 1) highest.add(amount);
  context.timers.registerProcessingTimeTimer(context.timers.currentProcessingTime() + 3500);
}

/** Of what it finds, `map` lives on by it. */
function onExpiry({ time: at }: Timer, { key, state: { written, shown, list, map }, output }: Context<typeof EXPIRING>): void {
  const entries = sum(map.values());
  if (entries % 3 === 0) output(SIDE, { key, at, rows: list.get().length, amount: digest(written.value() ?? 0, shown.value() ?? 0, entries) });
}

const JOINED = { waiting: listState<number>(), partner: valueState<number>() };

/** What waits for a record of the other stream is given up a minute later. */
function* left({ key, amount }: Purchase, context: Context<typeof JOINED>): Generator<Finding> {
  const { waiting, partner } = context.state;
  const found = partner.value();
  if (found === null) {
    waiting.add(amount);
    context.timers.registerEventTimeTimer(timeOf(context) + MINUTE);
  } else yield { key, at: timeOf(context) + 1, rows: 1, amount: digest(amount, found) };
}

function* right({ key, amount }: Purchase, context: Context<typeof JOINED>): Generator<Finding> {
  const { waiting, partner } = context.state;
  if (amount % 3 === 0) {
    context.timers.registerProcessingTimeTimer(context.timers.currentProcessingTime() + 6 * SECOND);
    return partner.clear();
  }
  partner.update(amount);
  for (const one of waiting.get()) yield { key, at: timeOf(context) + 1, rows: 2, amount: digest(one, amount) };
  waiting.clear();
}

function onGivenUp({ time: at, domain }: Timer, { key, state: { waiting }, output }: Context<typeof JOINED>): void {
  const [first, ...others] = waiting.get();
  // It changes nothing but that it is gone.
  if (domain === 'processing') return output(SIDE, { key, at, rows: others.length, amount: 0 });
  if (first === undefined) return;
  output(SIDE, { key, at, rows: others.length, amount: first });
  waiting.update(others);
}

export const FUNCTIONS = {
  count: functionOf({ states: COUNTED, inputs: [count] }),
  time: functionOf({ states: TIMED, inputs: [time], onTimer: onTime }),
  falter: functionOf({ states: TIMED, inputs: [falter], onTimer: falterOnTime }),
  timeWithin: functionOf({ states: TIMED, inputs: [timeWithin], onTimer: onTime }),
  falterWithin: functionOf({ states: TIMED, inputs: [falterWithin], onTimer: falterOnTime }),
  expire: functionOf({ states: EXPIRING, inputs: [expire], onTimer: onExpiry }),
  join: functionOf({ states: JOINED, inputs: [left, right], onTimer: onGivenUp }),
  ...PARTITION_FUNCTIONS,
} satisfies Record<string, KeyedFunction>;

export type FunctionName = keyof typeof FUNCTIONS;
