/** The lab's records through a function with state: what tests of functions run. The function is the test's own. */
import { uid } from '../../lib/core/numbers.ts';
import type { Plan } from '../../lib/core/plan.ts';
import { NO_CODE, type Code } from '../../lib/core/process/code.ts';
import type { KeyContext, KeyedFunction, Outputs } from '../../lib/core/process/keyed-function.ts';
import { namedStates, specOf } from '../../lib/core/process/declare.ts';
import type { StateDescriptor, StatesOf } from '../../lib/core/process/descriptor.ts';
import { KEYED_ROW, PROCESS_OUTPUT } from '../../lib/core/process/rows.ts';
import { Raw, STRING, type Column } from '../../lib/core/types.ts';
import { labPlan } from './lab-plan.ts';

export interface FunctionJob {
  readonly plan: Plan;
  readonly code: Code;
}

/** A record of the lab, as the function gets it: its key is the type. */
export interface LabEvent {
  readonly type: string;
  /** Epoch ms. */
  readonly time: number;
}

/** Outputs are texts; output i of the function goes to `c.d.out`, with its place in front. */
export function functionJob(fn: KeyedFunction, options: { readonly planOptions?: Record<string, string>; readonly prePartitioned?: true } = {}): FunctionJob {
  const lab = labPlan(options);
  const [source] = lab.nodes;
  if (source === undefined) throw new Error('the lab has a source');
  const columns: Column[] = [{ name: 'text', type: STRING, nullable: false }];
  const states = fn.states.map((state) => specOf(state.name, state));
  return {
    plan: {
      ...lab,
      nodes: [
        source,
        { kind: 'code', uid: uid('key-by'), input: source.uid, columns: KEYED_ROW },
        { kind: 'process', uid: uid('fn'), input: uid('key-by'), ...(options.prePartitioned && { prePartitioned: true }), states, columns: PROCESS_OUTPUT },
        { kind: 'code', uid: uid('to-text'), input: uid('fn'), columns },
        { kind: 'sink', uid: uid('out'), input: uid('to-text'), table: 'c.d.out', connector: 'filesystem', columns, options: { path: '/out' } },
      ],
    },
    code: {
      ...NO_CODE,
      transforms: new Map([
        ['key-by', ([type = null, time = null], next) => next([new Raw(type), new Raw({ type, time }), time, 0])],
        ['to-text', ([output = null, value = null], next) => next([`${String(output)} ${value instanceof Raw ? String(value.value) : ''}`])],
      ]),
      functions: new Map([['fn', fn]]),
    },
  };
}

/** A function as a user writes it, as the engine calls it. */
export function keyedFunction<D extends Readonly<Record<string, StateDescriptor>>>(given: {
  readonly state: D;
  readonly onEvent: (event: LabEvent, context: KeyContext<string, StatesOf<D>>) => Outputs<unknown>;
  readonly onTimer?: (timer: { readonly time: number; readonly domain: string }, context: KeyContext<string, StatesOf<D>>) => Outputs<unknown>;
}): KeyedFunction {
  const { state, onEvent, onTimer } = given;
  // What the engine hands over is what the descriptors say, and the records those of the lab.
  type Typed = KeyContext<string, StatesOf<D>>;
  return {
    states: namedStates(state),
    inputs: [(value, context) => onEvent(value as LabEvent, context as Typed)],
    ...(onTimer && { onTimer: (timer, context) => onTimer(timer, context as Typed) }),
    sideOutputs: [],
  };
}
