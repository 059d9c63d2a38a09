/** A query without an end, as whoever asks for its rows sees it: a changelog, that of a job which runs for as long as somebody asks for more. */
import { assert } from '../core/errors.ts';
import { sinksOf, type Plan } from '../core/plan.ts';
import type { Row } from '../core/types.ts';
import type { Workshop } from '../engine/lifecycle/job-control.ts';
import type { OpenScratch } from '../ports/scratch.ts';
import type { Emission, Sink } from '../ports/sink.ts';
import { ChangeHandoff } from './change-handoff.ts';
import { LiveJob } from './live-job.ts';
import { CHANGE_KINDS, type Change, type ChangeKind, type Changes } from './statement-result.ts';

export interface LiveQueryParts {
  readonly workshop: Workshop;
  readonly openScratch: OpenScratch;
  /** Bytes of state; absent: as many as suit a process that does other things as well. */
  readonly stateMax?: number;
}

/** Begins a query that `planQuery` has planned; nothing is read before the first batch is asked for. Throws as creating a job does. */
export async function beginQuery({ workshop, openScratch, stateMax }: LiveQueryParts, plan: Plan): Promise<Changes> {
  const [node] = sinksOf(plan);
  assert(node !== undefined, 'a query has a sink that collects its rows');
  const { changelog = false, columns } = node;
  const handoff = new ChangeHandoff();
  const sink = sinkInto(handoff, changelog ? changeOf : insertOf);
  const job = await LiveJob.create({ workshop, scratch: openScratch(), sink, ...(stateMax !== undefined && { stateMax }) }, plan);
  return { columns: changelog ? columns.slice(1) : columns, ...changesOf(job, handoff), job: job.id };
}

/** The job runs from the first batch that is asked for. */
function changesOf(job: LiveJob, handoff: ChangeHandoff): Pick<Changes, 'changes' | 'end'> {
  const abort = new AbortController();
  let running: Promise<void> | null = null;
  const run = async (): Promise<void> => {
    try {
      await job.run(abort.signal);
      handoff.end();
    } catch (error) {
      handoff.fail(error);
    }
  };
  const end = async (): Promise<void> => {
    abort.abort();
    handoff.end();
    await running;
  };
  return { changes: batchesOf(handoff, () => (running ??= run()), end), end };
}

async function* batchesOf(handoff: ChangeHandoff, begin: () => void, end: () => Promise<void>): AsyncGenerator<readonly Change[]> {
  begin();
  try {
    for (let batch = await handoff.take(); batch !== null; batch = await handoff.take()) yield batch;
  } finally {
    await end();
  }
}

const insertOf = (row: Row): Change => ({ kind: 'INSERT', row });

/** The kind of a change stands in front of its values. */
function changeOf([kind, ...row]: Row): Change {
  const found = KINDS.get(String(kind));
  assert(found !== undefined, `a change is no ${String(kind)}`);
  return { kind: found, row };
}

const KINDS: ReadonlyMap<string, ChangeKind> = new Map(CHANGE_KINDS);

const sinkInto = (handoff: ChangeHandoff, toChange: (row: Row) => Change): Sink => ({
  fences: false,
  emit: async ({ rows }: Emission) => {
    await handoff.put(rows.map(toChange));
    return { kind: 'durable' };
  },
  fence: async () => null,
});
