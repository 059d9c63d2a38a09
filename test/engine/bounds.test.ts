/** Bounds of one FIRE (protocol F13): a backlog is worked off in several FIREs, with the result of a single one. */
import { describe, expect, test } from 'vitest';
import type { Settings } from '../../lib/engine/settings.ts';
import type { CoordinatorEntry } from '../../lib/engine/log/entries.ts';
import { DEAD_LETTERS, withDeadLetters } from './dead-letter-plan.ts';
import type { Plan } from '../../lib/core/plan.ts';
import { planJob } from '../../lib/sql/plan-script.ts';
import { labPlan } from './lab-plan.ts';
import { Stack } from './stack.ts';

type Fire = Extract<CoordinatorEntry, { kind: 'FIRE' }>;

const MINUTES = 6;
const TYPES = 4;

/** A backlog of six windows of four keys, one record per entry, and the record that closes them. */
async function backlog(settings: Partial<Settings>): Promise<Stack> {
  const stack = await Stack.start({ partitions: 2, settings: { logTtlMs: Infinity, ...settings } });
  for (let minute = 0; minute < MINUTES; minute++) {
    for (let type = 0; type < TYPES; type++) stack.produce([[`type ${type}`, minute * 60 + type]], type % 2);
  }
  for (const partition of [0, 1]) stack.produce([['end', MINUTES * 60 + 5]], partition);
  const writer = stack.writer();
  for (let i = 0; i < MINUTES * TYPES + 2; i++) await stack.deliver(writer, i % 2, 1);
  return stack;
}

/** Steps until nothing is due; the FIREs that it took. */
async function workOff(stack: Stack): Promise<Fire[]> {
  const firer = stack.firer();
  for (let i = 0; i < 200; i++) if ((await firer.step()).kind === 'idle' && firer.hasReadAll) break;
  return (await stack.coordinator()).filter((e) => e.kind === 'FIRE');
}

const EXPECTED = Array.from({ length: MINUTES * TYPES }, (_, i) => [Math.floor(i / TYPES), `type ${i % TYPES}`, 1]);

const rowsOf = (fire: Fire): number => fire.result.rows['out'] ?? 0;

test('a backlog within the bounds is one FIRE', async () => {
  const stack = await backlog({});
  expect((await workOff(stack)).map(rowsOf)).toEqual([MINUTES * TYPES]);
  expect(stack.rows()).toEqual(EXPECTED);
});

describe.each<[string, Partial<Settings>, number]>([
  ['one row', { fireMaxRows: 1 }, MINUTES],
  ['a window and a half', { fireMaxRows: 6 }, MINUTES / 2],
  ['three entries', { fireMaxEntries: 3 }, 9],
  ['a few bytes', { tailMaxBytes: 200 }, 2],
  ['everything small', { fireMaxEntries: 2, fireMaxRows: 2, tailMaxBytes: 100 }, MINUTES],
])('a bound of %s', (_, settings, atLeast) => {
  test('gives several FIREs with the same rows in the same order', async () => {
    const stack = await backlog(settings);
    expect((await workOff(stack)).length).toBeGreaterThanOrEqual(atLeast);
    expect(stack.rows()).toEqual(EXPECTED);
  });

  test('never splits a window, and a cold firer replays every step', async () => {
    const stack = await backlog(settings);
    const fires = await workOff(stack);
    expect(fires.map(rowsOf).filter((n) => n % TYPES !== 0)).toEqual([]);
    const cold = stack.firer();
    await cold.load();
    expect(cold.replica?.position).toEqual(fires.at(-1)?.position);
    expect(cold.replica?.position.late).toEqual({});
  });
});

test('no FIRE covers more entries than it may', async () => {
  const stack = await backlog({ fireMaxEntries: 3 });
  let before = 0;
  for (const fire of await workOff(stack)) {
    const covered = Object.values(fire.position.cut).reduce((n, cut) => n + cut.seq, 0);
    expect(covered - before).toBeLessThanOrEqual(3);
    before = covered;
  }
  expect(before).toBe(MINUTES * TYPES + 2);
});

test('no FIRE reads many more bytes than it may, spilled ones included', async () => {
  const tailMaxBytes = 1 << 20;
  const stack = await Stack.start({ plan: withDeadLetters(labPlan()), settings: { logTtlMs: Infinity, tailMaxBytes } });
  const writer = stack.writer();
  const large = `{"event_type": "${'x'.repeat(60_000)}`;
  let largest = 0;
  for (let i = 0; i < 200; i++) {
    stack.stores.source.produce('events', [large]);
    const result = await stack.deliver(writer);
    largest = Math.max(largest, result.kind === 'committed' ? result.bytes : 0);
  }
  expect((await stack.partition()).filter((e) => e.kind === 'DATA' && e.payload.kind === 'blob')).toHaveLength(200);
  const letters = (await workOff(stack)).map(({ result }) => result.rows[DEAD_LETTERS] ?? 0);
  expect(Math.max(...letters) * largest).toBeLessThan(tailMaxBytes + largest);
  expect(letters.reduce((sum, n) => sum + n, 0)).toBe(200);
}, 30_000);

describe('rows that wait for no window', () => {
  const planWith = (query: string): Plan => {
    const texts = [
      "CREATE TABLE events (k STRING, v INT) WITH ('connector' = 'kafka', 'topic' = 'events', 'properties.bootstrap.servers' = 'b:1', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json')",
      query,
    ];
    return planJob(texts.map((text, i) => ({ name: `${i}`, text })), { warehouse: '/w', resolvePath: (path) => path }, { collects: true }).plan;
  };

  /** Twenty entries in partition 0, four in partition 1, of one record each, all there before the first step. */
  async function rowsPerFire(query: string, settings: Partial<Settings>): Promise<{ readonly stack: Stack; readonly fires: readonly Fire[]; readonly perFire: readonly number[] }> {
    const stack = await Stack.create({ plan: planWith(query), partitions: 2, settings: { logTtlMs: Infinity, ...settings } });
    const writer = stack.writer();
    for (const [partition, entries] of [[0, 20], [1, 4]] as const) {
      for (let i = 0; i < entries; i++) stack.stores.source.produce('events', [JSON.stringify({ k: `k${i % 2}`, v: i })], partition);
      for (let i = 0; i < entries; i++) await stack.deliver(writer, partition, 1);
    }
    const fires = await workOff(stack);
    return { stack, fires, perFire: fires.map(({ result }) => Object.values(result.rows).reduce((n, rows) => n + rows, 0)) };
  }

  test.each([
    ['without state', 'SELECT k, v FROM events', 24],
    ['of an aggregation', 'SELECT k, COUNT(*), SUM(v) FROM events GROUP BY k', 2 * 24 - 2],
  ])('%s are bounded as well, and a partition has its share', async (_, query, all) => {
    const one = await rowsPerFire(query, {});
    expect(one.perFire).toEqual([all]);
    const { stack, fires, perFire } = await rowsPerFire(query, { fireMaxRows: 8 });
    // A change counts once, and may take a row back; the entry that reaches the share of its partition is taken whole.
    expect(Math.max(...perFire)).toBeLessThanOrEqual(2 * 8 + 2);
    expect(perFire.reduce((a, b) => a + b, 0)).toBe(all);
    expect(Object.values(fires[0]?.position.cut ?? {}).map(({ seq }) => seq)).toEqual([4, 4]);
    const cold = stack.firer();
    await cold.load();
    expect(cold.replica?.position).toEqual(fires.at(-1)?.position);
  });

  test('that a filter takes away behind the aggregation hold nothing up', async () => {
    const { fires } = await rowsPerFire('SELECT k, COUNT(*) FROM events GROUP BY k HAVING COUNT(*) > 1000', { fireMaxRows: 8 });
    // The rest is within the bound, and waits for a reason (F8).
    expect(fires.map(({ position }) => Object.values(position.cut).map(({ seq }) => seq))).toEqual([[4, 4], [12, 4]]);
  });

  test('count for more where they have grown', async () => {
    const flat = await rowsPerFire('SELECT k, COUNT(*) FROM events GROUP BY k', { fireMaxRows: 48 });
    const grown = await rowsPerFire("SELECT k, LISTAGG(LPAD(k, 100, 'x')) FROM events GROUP BY k", { fireMaxRows: 48 });
    expect(flat.perFire).toHaveLength(1);
    expect(grown.perFire.length).toBeGreaterThan(5);
    expect(grown.perFire.reduce((a, b) => a + b, 0)).toBe(2 * 24 - 2);
  });
});

test('a partition that was not read to its end is not idle, however long that takes', async () => {
  const stack = await Stack.start({ partitions: 2, plan: labPlan({ idleTimeoutMs: 1000 }), settings: { logTtlMs: Infinity, fireMaxEntries: 2 } });
  stack.produce([['a', 1], ['a', 2], ['a', 3], ['a', 300]]);
  stack.produce([['b', 4], ['b', 300]], 1);
  const writer = stack.writer();
  for (let i = 0; i < 4; i++) await stack.deliver(writer, 0, 1);
  for (let i = 0; i < 2; i++) await stack.deliver(writer, 1, 1);
  const firer = stack.firer();
  for (let i = 0; i < 6; i++) {
    await firer.step();
    stack.runtime.advance(5000);
  }
  expect(stack.rows()).toEqual([[0, 'a', 3], [0, 'b', 1]]);
  expect(firer.replica?.position.late).toEqual({});
});
