/** Functions with keyed state and timers as programs write them, and the nodes they become. */
import { callFunction, columnAt, literal } from '../core/expression.ts';
import { assert } from '../core/errors.ts';
import { uid as uidOf } from '../core/numbers.ts';
import type { Expression, ProcessNode } from '../core/plan.ts';
import { namedStates, specOf } from '../core/process/declare.ts';
import type { StateDescriptor, StatesOf } from '../core/process/descriptor.ts';
import type { KeyContext, KeyedFunction, Outputs, Timer } from '../core/process/keyed-function.ts';
import { PROCESS_OUTPUT, STREAM_ROW } from '../core/process/rows.ts';
import { INT, RAW, TIMESTAMP3 } from '../core/types.ts';
import { erased } from './erase.ts';
import type { Graph } from './graph.ts';
import { refuse } from './refusal.ts';
import { ProcessedStream } from './stream.ts';
import { inputOf, type Transformation } from './transformation.ts';
import { checkedUid } from './uid.ts';

/** By the names under which a function finds its states. */
export type StateDescriptors = Readonly<Record<string, StateDescriptor & { readonly redistribution?: never }>>;

/** What every function with state has, however many inputs. */
export interface StatefulFunction<K, D extends StateDescriptors, TimerOut> {
  /** `{ seen: valueState<boolean>() }`. */
  readonly state?: D;
  /** The uid by which its state was saved, if it has another one now. */
  readonly previous?: string;
  /** Called when a timer fires that the function has registered. */
  onTimer?(timer: Timer, context: KeyContext<K, StatesOf<D>>): Outputs<TimerOut>;
}

/** A function of one keyed stream (Flink's KeyedProcessFunction). Its outputs are what it yields, or the iterable that it returns. */
export interface ProcessFunction<K, In, D extends StateDescriptors, Out, TimerOut = never> extends StatefulFunction<K, D, TimerOut> {
  onEvent(event: In, context: KeyContext<K, StatesOf<D>>): Outputs<Out>;
}

/**
 * A function as a constant, for tests and for several jobs: `processFunction<string, Payment>()({ state: { … }, onEvent(payment, { state }) { … } })`. Types of key
 * and event are given, all others follow; types that are given and types that follow need two calls in TypeScript.
 */
export const processFunction =
  <K, In>() =>
  <D extends StateDescriptors = {}, Out = never, TimerOut = never>(fn: ProcessFunction<K, In, D, Out, TimerOut>): ProcessFunction<K, In, D, Out, TimerOut> =>
    fn;

type Input = KeyedFunction['inputs'][number];

/** A function, and what the plan says of it. */
interface FunctionSpec extends Pick<KeyedFunction, 'states' | 'inputs' | 'initialize' | 'onTimer'>, Pick<ProcessNode, 'scope'> {
  readonly prePartitioned?: boolean;
  readonly previous?: string | undefined;
}

/** The stream of a function over rows of `KEYED_ROW`. */
export function processed<K, D extends StateDescriptors, Out, TimerOut>(
  graph: Graph,
  uid: string | null,
  input: Transformation,
  fn: StatefulFunction<K, D, TimerOut> | undefined,
  { inputs, prePartitioned = false }: { readonly inputs: readonly Input[]; readonly prePartitioned?: boolean },
): ProcessedStream<Out | TimerOut> {
  const given = fn ?? refuse(`process ${uid}`, 'it has no function', "Write .process('uid', { onEvent(event, context) { … } }).");
  return functionStream(graph, uid, input, { ...keyedFunction(given, inputs), previous: given.previous, prePartitioned });
}

/** The stream of a function with state, whatever that belongs to. */
export function functionStream<Out>(graph: Graph, uid: string | null, input: Transformation, spec: FunctionSpec): ProcessedStream<Out> {
  const sideOutputs: string[] = [];
  const node = graph.add(processTransformation(uid, input, spec, sideOutputs));
  return new ProcessedStream(graph, graph.add(outputOf(node, 0, 'output')), (name) => {
    const known = sideOutputs.indexOf(name);
    const at = known < 0 ? sideOutputs.push(name) - 1 : known;
    return graph.add(outputOf(node, at + 1, name));
  });
}

function processTransformation(uid: string | null, input: Transformation, { previous, scope, prePartitioned = false, ...fn }: FunctionSpec, sideOutputs: readonly string[]): Transformation {
  return {
    uid,
    suffix: 'process',
    inputs: [input],
    isTimed: input.isTimed,
    stateful: 'process function',
    build: (own, of): ReturnType<Transformation['build']> => ({
      node: {
        kind: 'process',
        uid: own,
        input: inputOf(of),
        ...(previous === undefined ? {} : { previous: uidOf(checkedUid(previous, `previous of process ${own}`)) }),
        ...(scope === undefined ? {} : { scope }),
        ...(prePartitioned ? { prePartitioned: true as const } : {}),
        states: fn.states.map((descriptor) => specOf(descriptor.name, descriptor)),
        columns: PROCESS_OUTPUT,
      } satisfies ProcessNode,
      fn: { ...fn, sideOutputs },
    }),
  };
}

/** As the engine calls it. Throws JOB_DEFINITION for names of states. */
export function keyedFunction<K, D extends StateDescriptors, TimerOut>(fn: StatefulFunction<K, D, TimerOut>, inputs: readonly Input[], sideOutputs: readonly string[] = []): KeyedFunction {
  const onTimer = fn.onTimer === undefined ? {} : { onTimer: erased(fn.onTimer.bind(fn)) };
  return { states: namedStates(fn.state ?? {}), inputs, ...onTimer, sideOutputs };
}

/** The rows of one output of a process node. */
function outputOf(node: Transformation, output: number, suffix: string): Transformation {
  const where = callFunction('=', [columnAt(0, INT), literal(INT, output)]);
  assert(typeof where !== 'string', 'numbers can be compared');
  const project: readonly Expression[] = [columnAt(1, RAW), columnAt(2, TIMESTAMP3)];
  return {
    uid: null,
    suffix,
    inputs: [node],
    isTimed: node.isTimed,
    build: (uid, inputs) => ({ node: { kind: 'calc', uid, input: inputOf(inputs), where, project, columns: STREAM_ROW } }),
  };
}
