/** Checkpoints and savepoints of a job, where Flink's users look for them. */
import type { CheckpointDescription, JobDescription } from '../../describe.ts';
import type { SavepointRecord } from '../../../engine/lifecycle/job-control.ts';
import { notFound } from '../refusal.ts';
import { get, type Route } from '../route.ts';
import { flag, integer, list, nullable, object, oneOf, optional, text, type Of } from '../shape.ts';

const CHECKPOINT = object({
  className: oneOf('completed'),
  /** Of a savepoint: when it was completed, epoch ms. */
  id: integer,
  status: oneOf('COMPLETED'),
  is_savepoint: flag,
  savepointFormat: nullable(text),
  trigger_timestamp: integer,
  latest_ack_timestamp: integer,
  checkpointed_size: integer,
  state_size: integer,
  end_to_end_duration: integer,
  alignment_buffered: integer,
  processed_data: integer,
  persisted_data: integer,
  num_subtasks: integer,
  num_acknowledged_subtasks: integer,
  checkpoint_type: oneOf('CHECKPOINT', 'SAVEPOINT'),
  tasks: object({}),
  external_path: optional(text),
  discarded: flag,
});
type Checkpoint = Of<typeof CHECKPOINT>;

const STATISTICS = object({ min: integer, max: integer, avg: integer, p50: integer, p90: integer, p95: integer, p99: integer, p999: integer });
const RESTORED = object({ id: integer, restore_timestamp: integer, is_savepoint: flag, external_path: optional(text) });

const CHECKPOINTS = object({
  counts: object({ restored: integer, total: integer, in_progress: integer, completed: integer, failed: integer }),
  summary: object({
    checkpointed_size: STATISTICS,
    state_size: STATISTICS,
    end_to_end_duration: STATISTICS,
    alignment_buffered: STATISTICS,
    processed_data: STATISTICS,
    persisted_data: STATISTICS,
  }),
  latest: object({ completed: nullable(CHECKPOINT), savepoint: nullable(CHECKPOINT), failed: nullable(CHECKPOINT), restored: nullable(RESTORED) }),
  history: list(CHECKPOINT),
});

const CONFIG = object({
  mode: oneOf('exactly_once'),
  interval: integer,
  timeout: integer,
  min_pause: integer,
  max_concurrent: integer,
  externalization: object({ enabled: flag, delete_on_cancellation: flag }),
  state_backend: text,
  checkpoint_storage: text,
  unaligned_checkpoints: flag,
  tolerable_failed_checkpoints: integer,
  aligned_checkpoint_timeout: integer,
  checkpoints_after_tasks_finish: flag,
  state_changelog_enabled: flag,
});

export const CHECKPOINT_ROUTES: readonly Route[] = [
  get({ path: '/jobs/:jobid/checkpoints', summary: 'The checkpoints that are kept, and the last savepoints.' }, CHECKPOINTS, async ({ plane }, { params }) =>
    checkpointsOf(await plane.describe(params.jobid)),
  ),
  get({ path: '/jobs/:jobid/checkpoints/config', summary: 'How checkpoints are taken.' }, CONFIG, async ({ plane }, { params }) => ({
    mode: 'exactly_once',
    interval: (await plane.plan(params.jobid)).settings.checkpointIntervalMs,
    timeout: 0,
    min_pause: 0,
    max_concurrent: 1,
    externalization: { enabled: true, delete_on_cancellation: false },
    state_backend: 'sluice',
    checkpoint_storage: 'sluice',
    unaligned_checkpoints: false,
    tolerable_failed_checkpoints: 0,
    aligned_checkpoint_timeout: 0,
    checkpoints_after_tasks_finish: true,
    state_changelog_enabled: true,
  })),
  get({ path: '/jobs/:jobid/checkpoints/details/:checkpointid', summary: 'One checkpoint or savepoint.' }, CHECKPOINT, async ({ plane }, { params }) => {
    const found = historyOf(await plane.describe(params.jobid)).find(({ id }) => id === params.checkpointid);
    return found ?? notFound(`Could not find checkpointing statistics for checkpoint ${params.checkpointid}.`);
  }),
];

/** Newest first. */
const historyOf = ({ state, control }: JobDescription): Checkpoint[] =>
  [...(state?.checkpoints ?? []).map(ofCheckpoint), ...control.savepoints.map(ofSavepoint)].sort((a, b) => b.trigger_timestamp - a.trigger_timestamp);

function checkpointsOf(job: JobDescription): Of<typeof CHECKPOINTS> {
  const history = historyOf(job);
  const sizes = statisticsOf(history.map(({ state_size }) => state_size));
  const none = statisticsOf([]);
  const { restored } = job.control;
  return {
    counts: { restored: restored === null ? 0 : 1, total: history.length, in_progress: 0, completed: history.length, failed: 0 },
    summary: { checkpointed_size: sizes, state_size: sizes, end_to_end_duration: none, alignment_buffered: none, processed_data: none, persisted_data: none },
    latest: {
      completed: history.find((one) => !one.is_savepoint) ?? null,
      savepoint: history.find((one) => one.is_savepoint) ?? null,
      failed: null,
      restored: restored === null ? null : { id: 0, restore_timestamp: job.startedAt, is_savepoint: restored.from.includes('/'), external_path: restored.from },
    },
    history,
  };
}

const ofCheckpoint = ({ seq, at, bytes }: CheckpointDescription): Checkpoint =>
  completed(seq, at, bytes ?? 0, { is_savepoint: false, savepointFormat: null, checkpoint_type: 'CHECKPOINT' });

const ofSavepoint = ({ at, bytes, path }: SavepointRecord): Checkpoint =>
  completed(at, at, bytes, { is_savepoint: true, savepointFormat: 'CANONICAL', checkpoint_type: 'SAVEPOINT', external_path: path });

/** Sluice has no barriers that data waits for, so nothing is aligned, and how long one took is not recorded. */
const completed = (id: number, at: number, bytes: number, rest: Pick<Checkpoint, 'is_savepoint' | 'savepointFormat' | 'checkpoint_type'> & Partial<Checkpoint>): Checkpoint => ({
  className: 'completed',
  id,
  status: 'COMPLETED',
  trigger_timestamp: at,
  latest_ack_timestamp: at,
  checkpointed_size: bytes,
  state_size: bytes,
  end_to_end_duration: 0,
  alignment_buffered: 0,
  processed_data: 0,
  persisted_data: 0,
  num_subtasks: 1,
  num_acknowledged_subtasks: 1,
  tasks: {},
  discarded: false,
  ...rest,
  external_path: rest.external_path,
});

/** Of no values: zeros. */
function statisticsOf(values: readonly number[]): Of<typeof STATISTICS> {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  const sum = sorted.reduce((all, value) => all + value, 0);
  const avg = sorted.length === 0 ? 0 : Math.round(sum / sorted.length);
  return { min: at(0), max: sorted.at(-1) ?? 0, avg, p50: at(0.5), p90: at(0.9), p95: at(0.95), p99: at(0.99), p999: at(0.999) };
}
