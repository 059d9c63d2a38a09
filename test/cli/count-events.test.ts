/** What is counted of jobs that this process runs. */
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { counting, type ToldEvent } from '../../lib/cli/count-events.ts';
import { Counted } from '../../lib/control/metrics/counted.ts';
import { storeOperations, takeSavepoint } from '../../lib/control/operations.ts';
import { SluiceError } from '../../lib/core/errors.ts';
import { jobId, type JobId } from '../../lib/core/numbers.ts';
import type { RunnerEvent } from '../../lib/local/runner-event.ts';
import { runUp } from '../../lib/local/runner.ts';
import { workshopOf } from '../../lib/place/embedded-settings.ts';
import { openEmbedded } from '../../lib/place/embedded.ts';
import { temporaryDirectory } from '../adapters/temporary.ts';
import { labPlan, labRecord } from '../engine/lab-plan.ts';

test('records, rows, checkpoints and savepoints of a job that runs', async () => {
  const dir = temporaryDirectory();
  const ports = openEmbedded(join(dir, 'data'), { create: true });
  onTestFinished(() => ports.close());
  const workshop = workshopOf(ports);
  await ports.topics.createTopic('events', 2);
  await ports.topics.produce('events', [labRecord('click', 10), labRecord('view', 20), labRecord('click', 70)], { partition: 0 });
  const plan = labPlan({ path: join(dir, 'out'), planOptions: { 'execution.checkpointing.interval': '1 ms' }, idleTimeoutMs: 100 });
  const job = await storeOperations(workshop).create(plan, { savepoint: null, allowNonRestored: false });
  const counted = new Counted(ports.runtime);
  const told: ToldEvent[] = [];
  const controller = new AbortController();
  const running = runUp(workshop, { once: false, signal: controller.signal, onEvent: counting(counted, (event) => told.push(event)) });
  await expect.poll(() => counted.of(job)?.emitted.of('out').total, { timeout: 10_000 }).toBe(2);
  await takeSavepoint(workshop, job, join(dir, 'savepoints'), 'a'.repeat(32));
  await expect.poll(() => told.some(({ kind }) => kind === 'savepoint')).toBe(true);
  const of = counted.of(job);
  expect(of).toMatchObject({ restarts: 0, failedSavepoints: 0, checkpointMs: expect.any(Number) });
  expect(of?.read.of(0).total).toBe(3);
  expect(of?.completedCheckpoints).toBeGreaterThanOrEqual(2);
  controller.abort();
  await running;
});

test('what holds a job up counts when it begins, and a generation begins at zero', () => {
  const counted = new Counted({ elapsed: () => 0 });
  const told: ToldEvent[] = [];
  const tell = counting(counted, (event) => told.push(event));
  const job: JobId = jobId('a'.repeat(32));
  const error = new SluiceError('STORE_FAILED', { message: 'down' });
  const events: RunnerEvent[] = [
    { kind: 'committed', job, source: 0, records: 9, lagMs: null },
    { kind: 'hosting', job, name: 'lab', generation: 0 },
    { kind: 'committed', job, source: 0, records: 2, lagMs: 30 },
    { kind: 'partition', job, topic: 'events', partition: 0, error },
    { kind: 'partition', job, topic: 'events', partition: 0, error: null },
    { kind: 'savepoint', job, location: null },
  ];
  for (const event of events) tell(event);
  expect(counted.of(job)).toMatchObject({ restarts: 1, failedSavepoints: 1, completedCheckpoints: 0 });
  expect(counted.of(job)?.read.of(0).total).toBe(2);
  expect(counted.of(job)?.lagMs.get(0)).toBe(30);
  expect(told.map(({ kind }) => kind)).toEqual(['hosting', 'partition', 'partition', 'savepoint']);
  tell({ kind: 'released', job });
  expect(counted.of(job)).toBeNull();
});
