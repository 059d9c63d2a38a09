/** The oracle: holds everything that a run wrote against the naive reference and the invariants of the protocol (§16). */
import { partsOf, uid, type PartitionId } from '../../lib/core/numbers.ts';
import type { JsonValue } from '../../lib/core/plan.ts';
import { Firer } from '../../lib/engine/firer/firer.ts';
import type { FireEntry } from '../../lib/engine/firer/replica.ts';
import type { Job } from '../../lib/engine/job.ts';
import { openCoordinatorLog, openPartitionLog } from '../../lib/engine/log/logs.ts';
import type { CoordinatorEntry } from '../../lib/engine/log/entries.ts';
import { loadPayload } from '../../lib/engine/log/payload.ts';
import type { Position } from '../../lib/engine/position.ts';
import type { MemoryPorts } from '../../lib/adapters/memory/index.ts';
import { Violation, violate } from './violation.ts';
import { EMPTY, referenceStep, watermarkLimit, type ReferenceRecord, type ReferenceState } from './reference.ts';

export const OPERATOR = 'tumble-event_type';
const SINK = uid('out');

export interface Checked {
  readonly fires: number;
  readonly rows: number;
  readonly late: number;
  readonly checkpoints: number;
  /** Reference state behind the last FIRE. */
  readonly end: ReferenceState;
}

export interface History {
  readonly topics: readonly (readonly ReferenceRecord[])[];
  readonly windowMs: number;
  readonly delayMs: number;
}

/** Checks one generation; `base` is the reference state that it was started from, `onFire` gets the state behind every FIRE. */
export async function checkGeneration(
  stores: MemoryPorts,
  job: Job,
  history: History,
  base: ReferenceState | null,
  /** Another generation goes on from the end of this one, or it is the newest: every FIRE must have reached its sinks. */
  isContinued: boolean,
  onFire: (f: number, state: ReferenceState) => void,
): Promise<Checked> {
  const entries = await chain(stores, job);
  const acked = new Set(entries.filter((e) => e.kind === 'ACK').map((e) => e.f));
  let state = base ?? EMPTY(history.topics.length);
  const first = entries[0];
  if (first?.kind === 'INIT') onFire(first.position.f, state);
  const checked = { fires: 0, rows: 0, late: 0, checkpoints: entries.filter((e) => e.kind === 'CHECKPOINT').length };
  for (const fire of entries) {
    if (fire.kind !== 'FIRE') continue;
    const before = state;
    const at = { next: nextOf(fire.position, history.topics.length), watermark: watermarkOf(fire.position) };
    violate(at.watermark < before.watermark, `I-WM: the watermark of FIRE ${fire.position.f} goes back`);
    const limit = watermarkLimit(at.next, history.topics, history.delayMs);
    violate(at.watermark > Math.max(limit, before.watermark) && at.watermark !== Number.MAX_SAFE_INTEGER, `I-WM: FIRE ${fire.position.f} is above F5`);
    const step = referenceStep(before, at, history.topics, history.windowMs);
    const stored = await storedRows(stores, fire);
    expectSame(stored, step.rows, `I-RES: FIRE ${fire.position.f} of generation ${job.g}`);
    expectSame([`${fire.position.late[OPERATOR] ?? 0}`], [`${step.state.late}`], `I-LATE: FIRE ${fire.position.f}`);
    checkEmission(stores, job, fire, stored, isContinued || acked.has(fire.position.f));
    state = step.state;
    onFire(fire.position.f, state);
    checked.fires++;
    checked.rows += stored.length;
  }
  checkJournal(stores, job, entries);
  await checkTiling(stores, job);
  await checkState(stores, job, state);
  return { ...checked, late: state.late, end: state };
}

/** I-LOG: dense, chained. */
async function chain(stores: MemoryPorts, job: Job): Promise<CoordinatorEntry[]> {
  const { entries } = await openCoordinatorLog(stores, job).readAfter(-1, Number.POSITIVE_INFINITY);
  let f = -1;
  for (const [i, entry] of entries.entries()) {
    violate(entry.seq !== i || entry.prev !== (entries[i - 1]?.id ?? null), `I-LOG: entry ${i} of the coordinator log`);
    if (entry.kind === 'FIRE') {
      violate(f >= 0 && entry.position.f !== f + 1, `I-LOG: FIRE ${entry.position.f} follows ${f}`);
      f = entry.position.f;
    }
  }
  return entries;
}

/** I-OFF: the entries of every partition log tile its offsets, and every DATA entry lies in a registered log. */
async function checkTiling(stores: MemoryPorts, job: Job): Promise<void> {
  const replica = await new Firer(stores, job).load();
  for (const p of Object.keys(replica?.position.cut ?? {}) as PartitionId[]) {
    const { entries } = await openPartitionLog(stores, job, p).readAfter(-1, Number.POSITIVE_INFINITY);
    for (const [i, entry] of entries.entries()) {
      const previous = entries[i - 1];
      violate(entry.seq !== i || entry.prev !== (previous?.id ?? null), `I-LOG: ${p} entry ${i}`);
      if (entry.kind === 'DATA') violate(entry.first !== previous?.next, `I-OFF: ${p} entry ${i} begins at ${entry.first}, not ${previous?.next}`);
    }
  }
}

/** I-DET: a cold load gives the state of the reference. */
async function checkState(stores: MemoryPorts, job: Job, expected: ReferenceState): Promise<void> {
  const replica = await new Firer(stores, job).load();
  const found: string[] = [];
  for (const state of replica?.states.values() ?? []) {
    for (const end of state.sliceEnds()) for (const [key, pane] of state.panesAt(end)) found.push(`${end}|${key}|${pane.rows}`);
  }
  expectSame(found.sort(), [...expected.counts].map(([key, n]) => `${key}|${n}`).sort(), `I-DET: state of generation ${job.g}`);
}

/** I-EMIT: ACK f implies present everywhere, and so does going on from the state behind f; nothing is emitted but what a FIRE holds. */
function checkEmission(stores: MemoryPorts, job: Job, fire: FireEntry, stored: readonly string[], isDue: boolean): void {
  const emissions = stores.sinks.journal(job.id, SINK).filter((e) => e.g === job.g && e.f === fire.position.f);
  violate(isDue && stored.length > 0 && emissions.length !== 1, `I-EMIT: FIRE ${fire.position.f} of generation ${job.g} was emitted ${emissions.length} times`);
  for (const emission of emissions) {
    const rows = emission.rows.map((row) => `${String(row[1])}|${String(row[2])}|${String(row[3])}`).sort();
    expectSame(rows, stored, `I-EMIT: FIRE ${fire.position.f}`);
  }
}

function checkJournal(stores: MemoryPorts, job: Job, entries: readonly CoordinatorEntry[]): void {
  const fires = new Set(entries.flatMap((e) => (e.kind === 'FIRE' ? [e.position.f as number] : [])));
  for (const emission of stores.sinks.journal(job.id, SINK)) {
    violate(emission.g === job.g && !fires.has(emission.f), `I-EMIT: ${emission.g}:${emission.f} was emitted without a FIRE in the log`);
  }
}

async function storedRows(stores: MemoryPorts, fire: FireEntry): Promise<string[]> {
  if (fire.result.payload === null) return [];
  const json: Record<string, JsonValue[][]> = JSON.parse(new TextDecoder().decode(await loadPayload(stores, fire.result.payload)));
  return Object.values(json).flat().map((row) => `${String(row[1])}|${String(row[2])}|${String(row[3])}`).sort();
}

/** Before any watermark nothing is late. */
function watermarkOf(position: Position): number {
  const wm: number = position.watermarks[0] ?? Number.NaN;
  return wm === Number.MIN_SAFE_INTEGER ? Number.NEGATIVE_INFINITY : wm;
}

function nextOf(position: Position, partitions: number): number[] {
  const next = Array.from({ length: partitions }, () => 0);
  for (const [p, cut] of Object.entries(position.cut)) next[partsOf(p as PartitionId).partition] = cut.next;
  return next;
}

function expectSame(found: readonly string[], expected: readonly string[], what: string): void {
  if (found.join('\n') === expected.join('\n')) return;
  throw new Violation(`${what}\n  found:    ${found.join(' ')}\n  expected: ${expected.join(' ')}`);
}

