/**
 * Real processes, real SIGKILLs: two runners on one data directory are killed at random while records arrive out of order and
 * savepoints, stops, resumes and a fork happen. In the end the rows equal a GROUP BY over the input.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isError } from '../../lib/core/errors.ts';
import type { JobId } from '../../lib/core/numbers.ts';
import { readControl, type Workshop } from '../../lib/engine/lifecycle/job-control.ts';
import { advanceSavepoint, requestSavepoint } from '../../lib/engine/lifecycle/savepoint.ts';
import { requestCreate, requestResume } from '../../lib/engine/lifecycle/start.ts';
import { requestCancel, requestStop } from '../../lib/engine/lifecycle/stop.ts';
import { runOperation } from '../../lib/engine/lifecycle/workflow.ts';
import { openEmbedded } from '../../lib/adapters/embedded/index.ts';
import { workshopOf } from '../../lib/local/place.ts';
import { labPlan, labRecord } from '../engine/lab-plan.ts';
import { Prng } from '../simulation/prng.ts';

const RECORDS = 300_000;
const PARTITIONS = 4;
const PIECES = 60;
const KILLS_MIN = 20;
/** The watermark delay of the lab: disorder within it drops nothing. */
const DISORDER_S = 5;

let dir = '';
let runners: ChildProcess[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-kills-'));
});
afterEach(() => {
  for (const runner of runners) runner.kill('SIGKILL');
  runners = [];
  rmSync(dir, { recursive: true, force: true });
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function startRunner(slot: number): void {
  runners[slot] = spawn(process.execPath, [join(import.meta.dirname, 'runner-process.ts'), dir], { stdio: 'ignore' });
}

/** Kills one runner or the other until told to stop. */
async function killer(prng: Prng, isOver: () => boolean): Promise<number> {
  let kills = 0;
  while (!isOver() || kills < KILLS_MIN) {
    await pause(150 + prng.below(450));
    const slot = prng.below(2);
    runners[slot]?.kill('SIGKILL');
    kills++;
    startRunner(slot);
  }
  return kills;
}

/** Operations lose races against the runners, and are repeated as a user would repeat them. */
async function insist<T>(action: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await action();
    } catch (error) {
      if (attempt > 50 || !isError(error, 'CONTENTION', 'JOB_BUSY', 'STORE_FAILED')) throw error;
      await pause(100);
    }
  }
}

async function savepoint(workshop: Workshop, id: JobId): Promise<string> {
  const trigger = await insist(() => requestSavepoint(workshop, id, join(dir, 'savepoints')));
  const request = await insist(() => advanceSavepoint(workshop, id, trigger, null));
  expect(request).toMatchObject({ status: 'COMPLETED' });
  return request.location ?? '';
}

async function finish(workshop: Workshop, id: JobId, status: string): Promise<void> {
  expect((await insist(() => runOperation(workshop, id))).status).toBe(status);
}

async function stop(workshop: Workshop, id: JobId, drain: boolean): Promise<void> {
  await insist(() => requestStop(workshop, id, { directory: join(dir, 'savepoints'), drain }));
  await finish(workshop, id, 'FINISHED');
}

async function resume(workshop: Workshop, id: JobId, from: string | null): Promise<void> {
  await insist(() => requestResume(workshop, id, { savepoint: from, plan: null, allowNonRestored: false, allowOffsetGap: false }));
  await finish(workshop, id, 'RUNNING');
}

/** `<window start>|<type>|<count>` of the rows of a job whose FIRE is in (after, upTo]. */
function rowsOf(id: JobId, after = 0, upTo = Infinity): string[] {
  const files = readdirSync(join(dir, 'out')).filter((name) => {
    const f = Number(/-f(\d+)-/.exec(name)?.[1]);
    return name.startsWith(id) && name.endsWith('.ndjson') && f > after && f <= upTo;
  });
  return files
    .flatMap((name) => readFileSync(join(dir, 'out', name), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line): { window_start: string; event_type: string; event_count: number } => JSON.parse(line))
    .map((row) => `${row.window_start.slice(0, 19)}|${row.event_type}|${row.event_count}`)
    .sort();
}

async function groupBy(): Promise<string[]> {
  const connection = await (await DuckDBInstance.create()).connect();
  const result = await connection.runAndReadAll(
    `SELECT strftime(time_bucket(INTERVAL 1 MINUTE, event_time), '%Y-%m-%dT%H:%M:%S') || '|' || event_type || '|' || count(*)
     FROM read_json('${join(dir, 'topics/events/*.jsonl')}', columns = {event_type: 'VARCHAR', event_time: 'TIMESTAMP'})
     GROUP BY time_bucket(INTERVAL 1 MINUTE, event_time), event_type`,
  );
  return result.getRows().map((row) => String(row[0])).sort();
}

test('rows equal a GROUP BY over the input, whatever is killed', { timeout: 240_000 }, async () => {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9));
  console.log(`kills: seed ${seed} (repeat with SEED=${seed})`);
  const prng = new Prng(seed);
  const ports = openEmbedded(dir, { create: true });
  await ports.topics.createTopic('events', PARTITIONS);
  const workshop = workshopOf(ports);
  const plan = labPlan({ planOptions: { 'execution.checkpointing.interval': '1s' }, path: join(dir, 'out') });
  const id = await requestCreate(workshop, plan, { savepoint: null, allowNonRestored: false });
  await finish(workshop, id, 'RUNNING');
  startRunner(0);
  startRunner(1);

  let isOver = false;
  const killing = killer(new Prng(seed + 1), () => isOver);
  let forkBase = '';
  for (let piece = 0; piece < PIECES; piece++) {
    produce(ports, prng, piece);
    if (piece === 10) await savepoint(workshop, id);
    if (piece === 20) {
      await stop(workshop, id, false);
      await resume(workshop, id, (await readControl(ports, id)).control.savepoints[0]?.path ?? '');
    }
    if (piece === 30) forkBase = await savepoint(workshop, id);
    if (piece === 40) {
      await insist(() => requestCancel(workshop, id));
      await finish(workshop, id, 'CANCELED');
      await resume(workshop, id, null);
    }
    await pause(50);
  }
  const fork = await requestCreate(workshop, plan, { savepoint: forkBase, allowNonRestored: false });
  await finish(workshop, fork, 'RUNNING');
  isOver = true;
  const kills = await killing;
  await caughtUp(workshop, [id, fork]);
  await stop(workshop, id, true);
  await stop(workshop, fork, true);

  const expected = await groupBy();
  expect(rowsOf(id)).toEqual(expected);
  const f = Number(JSON.parse(readFileSync(join(forkBase, '_metadata'), 'utf8')).position.f);
  expect([...rowsOf(id, 0, f), ...rowsOf(fork)].sort()).toEqual(expected);
  expect(kills).toBeGreaterThanOrEqual(KILLS_MIN);
  ports.close();
});

function produce(ports: ReturnType<typeof openEmbedded>, prng: Prng, piece: number): void {
  const perPiece = RECORDS / PIECES;
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const lines = Array.from({ length: perPiece / PARTITIONS }, (_, i) => {
      const clock = piece * 60 + Math.floor((i * 60 * PARTITIONS) / perPiece);
      return labRecord(prng.pick(['click', 'view', 'buy', 'scroll']), Math.max(0, clock - prng.below(DISORDER_S)));
    });
    ports.topics.produce('events', lines, { partition });
  }
}

/** Waits until both jobs have read everything: stop --drain freezes, it does not wait for the topic. */
async function caughtUp(workshop: Workshop, ids: readonly JobId[]): Promise<void> {
  const { ports } = workshop;
  const ends = (await ports.source.topic('events'))?.partitions ?? [];
  for (const id of ids) {
    const { control } = await readControl(ports, id);
    for (const { partition, end } of ends) {
      for (;;) {
        const head = await ports.log.head(`J#${id}#g${control.gen}#P0.0.${partition}`);
        if (head !== null && Number(JSON.parse(head.body.slice(16)).next) >= end) break;
        await pause(50);
      }
    }
  }
}
