/** Jobs of tests: their sources and sinks, and rows through their plans without an engine. */
import { compileDataflow, type Path } from '../../lib/core/dataflow.ts';
import { SluiceError, type ErrorCode } from '../../lib/core/errors.ts';
import type { PlanNode } from '../../lib/core/plan.ts';
import { defineJob, generator, kafka, type BuiltJob, type JobBuilder, type Source } from '../../lib/api/index.ts';
import { Raw, type Row } from '../../lib/core/types.ts';

export interface Payment {
  readonly account: string;
  readonly amount: number;
  readonly at: number;
}

/** With event time. */
export const payments = (): Source<Payment> => kafka<Payment>({ topic: 'payments', servers: 'broker:9092', eventTime: ({ at }) => at, outOfOrderness: '5 s' });

/** Without event time. */
export const numbers = (): Source<number> => generator((i) => i, { count: 10 });

export const build = (define: (job: JobBuilder) => void): BuiltJob => defineJob('test', define).build();

export function nodeOf<K extends PlanNode['kind']>(job: BuiltJob, uid: string, kind: K): Extract<PlanNode, { kind: K }> {
  const node = job.plan.nodes.find((n) => n.uid === uid);
  if (node === undefined || !isA(node, kind)) throw new Error(`no ${kind} ${uid} among ${job.plan.nodes.map((n) => `${n.kind} ${n.uid}`).join(', ')}`);
  return node;
}

const isA = <K extends PlanNode['kind']>(node: PlanNode, kind: K): node is Extract<PlanNode, { kind: K }> => node.kind === kind;

/** What reaches a sink of the rows that go out of the first source. */
export function rowsAt(job: BuiltJob, sink: string, rows: readonly Row[]): Row[] {
  const { sources } = compileDataflow(job.plan, job.code);
  return through(sources[0]?.paths ?? [], sink, rows);
}

function through(paths: readonly Path[], sink: string, rows: readonly Row[]): Row[] {
  const out: Row[] = [];
  for (const path of paths.filter(({ to }) => to.uid === sink)) for (const row of rows) path.into((made) => void out.push([...made]))(row);
  return out;
}

/** A row of a stream. */
export const streamRow = (value: unknown, time: number | null = null): Row => [new Raw(value), time];

/** Code, message and hint of the error. */
export function refusal(act: () => unknown): { readonly code: ErrorCode; readonly message: string; readonly hint: string | undefined } {
  try {
    act();
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    return { code: error.code, message: error.message, hint: error.hint };
  }
  throw new Error('nothing was refused');
}
