/**
 * Live savepoints (protocol 11.2): a request item, a FIRE with a barrier, the CHECKPOINT that answers it, an export. The job goes on
 * meanwhile, and whoever finds the request may do the next step.
 */
import { isError, SluiceError } from '../../core/errors.ts';
import type { Generation, JobId, Seq, WallTime } from '../../core/numbers.ts';
import type { ControlItem } from '../../ports/control.ts';
import type { Ports } from '../../ports/ports.ts';
import { probeDirectory } from '../../savepoint/probe.ts';
import { Firer } from '../firer/firer.ts';
import { answersBarrier } from '../firer/replica.ts';
import type { Job } from '../job.ts';
import { requestKey } from '../keys.ts';
import { exportPatiently } from './export.ts';
import { failureOf, openControlledJob, readControl, readPlan, replaceControl, SAVEPOINTS_MAX, workshopFor, type Failure, type SavepointRecord, type Workshop } from './job-control.ts';
import { requireRunning } from './operation.ts';

export interface SavepointRequest {
  readonly status: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  readonly trigger: string;
  readonly directory: string;
  readonly requestedAt: WallTime;
  /** The CHECKPOINT that answers the barrier, once it is in the log, and the generation whose log that is. */
  readonly checkpoint: Seq | null;
  readonly generation: Generation | null;
  readonly location: string | null;
  readonly failure: Failure | null;
}

const ATTEMPTS_MAX = 64;
const PAUSE_MS = 20;

/** Records a request and returns its trigger id; one that is recorded already stays as it is. Nothing has changed if this throws. */
export async function requestSavepoint({ ports }: Workshop, id: JobId, directory: string, given?: string): Promise<string> {
  if (given !== undefined && (await ports.control.get(requestKey(id, given))) !== null) return given;
  const trigger = given ?? ports.runtime.randomHex(16);
  await requireRunning(ports, id, 'take a savepoint of');
  await probeDirectory(ports.openDirectory(directory), directory, ports.runtime.randomHex(8));
  const request: SavepointRequest = {
    status: 'IN_PROGRESS',
    trigger,
    directory,
    requestedAt: ports.runtime.now(),
    checkpoint: null,
    generation: null,
    location: null,
    failure: null,
  };
  await ports.control.put(requestKey(id, trigger), JSON.stringify(request), 'absent');
  return trigger;
}

export async function readSavepointRequest(ports: Pick<Ports, 'control'>, id: JobId, trigger: string): Promise<SavepointRequest> {
  return (await readVersioned(ports, id, trigger)).request;
}

const PAGE = 100;
/** Requests that have ended are kept for as long as their clients may ask. */
const KEPT_MS = 30 * 24 * 3600 * 1000;

/** All requests of a job that are remembered. */
export async function* savepointRequests(ports: Pick<Ports, 'control'>, id: JobId): AsyncGenerator<{ readonly item: ControlItem; readonly request: SavepointRequest }> {
  for (let after = '', more = true; more; ) {
    const items = await ports.control.list(`J#${id}`, 'SP#', { after, limit: PAGE });
    for (const item of items) yield { item, request: JSON.parse(item.body) };
    more = items.length === PAGE;
    after = items.at(-1)?.sk ?? after;
  }
}

/** Requests of a job that are not completed, oldest first. Those that ended 30 days ago are deleted on the way. */
export async function openSavepointRequests(ports: Pick<Ports, 'control' | 'runtime'>, id: JobId): Promise<SavepointRequest[]> {
  const open: SavepointRequest[] = [];
  for await (const { item, request } of savepointRequests(ports, id)) {
    if (request.status === 'IN_PROGRESS') open.push(request);
    else if (ports.runtime.now() - request.requestedAt > KEPT_MS) await ports.control.remove(item);
  }
  return open.sort((a, b) => a.requestedAt - b.requestedAt);
}

/**
 * Carries a request as far as it goes and returns it. `firer` is one that already has the state, if there is one. A request of a job that
 * has ended, or whose export fails, becomes FAILED; the job is not touched.
 */
export async function advanceSavepoint(given: Workshop, id: JobId, trigger: string, firer: Firer | null): Promise<SavepointRequest> {
  const { request } = await readVersioned(given.ports, id, trigger);
  if (request.status !== 'IN_PROGRESS') return request;
  try {
    const { control } = await readControl(given.ports, id);
    const workshop = workshopFor(given, await readPlan(given.ports, id, control.planHash));
    const { ports } = workshop;
    const job = await openControlledJob(workshop, id, control);
    const known = request.generation === job.g ? request.checkpoint : null;
    const checkpoint = known ?? (await reachBarrier(ports, job, trigger, firer));
    await update(ports, id, trigger, { checkpoint, generation: job.g });
    const record = await exportPatiently(workshop, { job, control, trigger, drained: false }, checkpoint, request.directory);
    await remember(workshop, id, record);
    return await update(ports, id, trigger, { status: 'COMPLETED', location: record.path });
  } catch (error) {
    // Another process, or this one later, may come through: that says nothing about the savepoint.
    if (!isError(error) || isError(error, 'CONTENTION', 'CLOCK_SKEW', 'STORE_FAILED')) throw error;
    return update(given.ports, id, trigger, { status: 'FAILED', failure: failureOf(error) });
  }
}

/** 11.2 steps 2 and 3. The CHECKPOINT directly follows the FIRE, whoever appends it. */
export async function reachBarrier(ports: Ports, job: Job, trigger: string, warm: Firer | null): Promise<Seq> {
  const firer = warm ?? new Firer(ports, job);
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const replica = await firer.load();
    if (replica === null || replica.closed) throw new SluiceError('JOB_STATE', { message: `job ${job.id} ended before the savepoint was taken` });
    if (answersBarrier(replica, trigger)) return replica.checkpoint.seq;
    const pendingBarrier = replica.lastFire?.barrier === trigger;
    const outcome = await firer.step(pendingBarrier ? null : { trigger, frozen: false, drain: false });
    if (outcome.kind === 'waiting' || outcome.kind === 'lost') await ports.runtime.sleep(PAUSE_MS);
  }
  throw new SluiceError('CONTENTION', { message: `the barrier of savepoint ${trigger} did not come through` });
}

/** The job's list of savepoints is for people; losing a race for it is repeated, losing it for good is not an error. */
async function remember({ ports }: Workshop, id: JobId, record: SavepointRecord): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const was = await readControl(ports, id);
    if (was.control.savepoints.some((s) => s.trigger === record.trigger)) return;
    if (await replaceControl(ports, id, was, { savepoints: [record, ...was.control.savepoints].slice(0, SAVEPOINTS_MAX) })) return;
  }
}

async function readVersioned(ports: Pick<Ports, 'control'>, id: JobId, trigger: string): Promise<{ request: SavepointRequest; version: number }> {
  const item = await ports.control.get(requestKey(id, trigger));
  if (item === null) throw new SluiceError('JOB_UNKNOWN', { message: `there is no savepoint operation ${trigger} for job ${id}` });
  const request: SavepointRequest = JSON.parse(item.body);
  return { request, version: item.version };
}

/** Changes a request that is still open; what another executor has completed stays as it is. */
async function update(ports: Pick<Ports, 'control'>, id: JobId, trigger: string, change: Partial<SavepointRequest>): Promise<SavepointRequest> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const { request, version } = await readVersioned(ports, id, trigger);
    if (request.status !== 'IN_PROGRESS') return request;
    const next = { ...request, ...change };
    if ((await ports.control.put(requestKey(id, trigger), JSON.stringify(next), version)).kind === 'stored') return next;
  }
  throw new SluiceError('CONTENTION', { message: `savepoint operation ${trigger} could not be updated` });
}
