/** FIREs of two firers that die all the time are in the table once each, among the appends of others and while snapshots expire. */
import { expect, test } from 'vitest';
import { currentSnapshot } from '../../lib/adapters/iceberg/metadata.ts';
import { jobId } from '../../lib/core/numbers.ts';
import { emission, sinkNode } from '../contracts/sink.ts';
import { Prng } from '../simulation/prng.ts';
import { Death, MortalProcess } from './deaths.ts';
import { createTable, effects, field, loadTable, memoryPlace, openSink, servicePlace, type Place, type Service } from './world.ts';

const JOB = jobId('0123456789abcdef0123456789abcdef');
const FOREIGNER = jobId('fedcba9876543210fedcba9876543210');
const FIRES = 200;
/** More than a process lives to make, as a rule: an emission is about ten requests. */
const LIFE = 40;

const node = sinkNode('iceberg', {});
/** Every third FIRE has no rows for this sink. */
const hasRows = (f: number): boolean => f % 3 !== 0;
const predecessor = (f: number): number | null => (f === 1 ? null : hasRows(f - 1) ? f - 1 : f - 2);
const valuesAt = (f: number): string[] => (hasRows(f) ? [`f${f}a`, `f${f}b`] : []);

/** What all firers know: the FIRE that is not acknowledged yet. */
interface Progress {
  f: number;
  deaths: number;
}

/** Emits, dies, and begins again where the log stands, until all FIREs are confirmed. */
async function firer(place: Place, prng: Prng, progress: Progress): Promise<void> {
  while (progress.f <= FIRES) {
    const sink = openSink(new MortalProcess(place, prng, LIFE), JOB, node);
    try {
      while (progress.f <= FIRES) {
        const f = progress.f;
        expect(await sink.emit(emission(0, f, predecessor(f), valuesAt(f)))).toEqual({ kind: 'durable' });
        progress.f = Math.max(progress.f, f + 1);
      }
    } catch (error) {
      if (error instanceof Death) progress.deaths++;
      else return giveUp(progress, error);
    }
  }
}

/** The others end, too. */
function giveUp(progress: Progress, error: unknown): never {
  progress.f = FIRES + 1;
  throw error;
}

/** Another job appends, and keeps only the newest three snapshots. */
async function foreigner(place: Service, progress: Progress): Promise<number> {
  const sink = openSink(place, FOREIGNER, node);
  let count = 0;
  for (; progress.f <= FIRES; count++) {
    await sink.emit(emission(0, count + 1, count === 0 ? null : count, [`other${count}`]));
    await place.expire(3);
    for (const next = Math.min(progress.f + 7, FIRES + 1); progress.f < next; ) await Promise.resolve();
  }
  return count;
}

const sorted = (f: string[]): string[] => f.toSorted();
const ALL = Array.from({ length: FIRES }, (_, i) => valuesAt(i + 1)).flat();

test('200 FIREs, two firers that die: each with rows makes one snapshot, in order', async () => {
  const place = memoryPlace();
  await createTable(place, [field(1, 'v', 'string')]);
  const progress: Progress = { f: 1, deaths: 0 };
  await Promise.all([firer(place, new Prng(1), progress), firer(place, new Prng(2), progress)]);
  expect(await effects(place)).toEqual(ALL);
  const { snapshots, properties } = (await loadTable(place)).metadata;
  expect(snapshots.map(({ summary }) => summary['sluice.fire'])).toEqual(Array.from({ length: FIRES }, (_, i) => i + 1).filter(hasRows).map((f) => `0:${f}`));
  expect(snapshots.map((snapshot) => snapshot['parent-snapshot-id'])).toEqual([undefined, ...snapshots.slice(0, -1).map((snapshot) => snapshot['snapshot-id'])]);
  expect(snapshots.at(-1)?.summary['total-records']).toBe(String(ALL.length));
  expect(properties[`sluice.${JOB}.out.committed`]).toBe(`0:${FIRES}`);
  expect(progress.deaths).toBeGreaterThan(20);
});

test('200 FIREs through a catalog service, where a foreign writer appends and snapshots expire all the while', async () => {
  const place = servicePlace();
  await createTable(place, [field(1, 'v', 'string')]);
  const progress: Progress = { f: 1, deaths: 0 };
  const [, , others] = await Promise.all([firer(place, new Prng(3), progress), firer(place, new Prng(4), progress), foreigner(place, progress)]);
  const rows = await effects(place);
  expect(sorted(rows)).toEqual(sorted([...ALL, ...Array.from({ length: others }, (_, i) => `other${i}`)]));
  expect(rows.filter((value) => value.startsWith('f'))).toEqual(ALL);
  const { metadata } = await loadTable(place);
  expect(metadata.snapshots.length).toBeLessThan(FIRES / 4);
  expect(currentSnapshot(metadata)?.summary['total-records']).toBe(String(rows.length));
  expect(others).toBeGreaterThan(5);
  expect(progress.deaths).toBeGreaterThan(20);
});
