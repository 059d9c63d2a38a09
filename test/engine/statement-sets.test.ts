/**
 * Statement sets that are changed between a savepoint and the resume (protocol V1): in every set, a query that was there before goes on with its own state, or
 * the resume is refused. Queries differ in their tables, windows, filters and aggregates; what they give is known from a model.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isError } from '../../lib/core/errors.ts';
import { offset, partitionId } from '../../lib/core/numbers.ts';
import { sourcesOf, type Plan } from '../../lib/core/plan.ts';
import { planScript } from '../../lib/sql/plan-script.ts';
import { modelResults, type ModelRow, type ModelWindow } from '../conformance/window-model.ts';
import { Stack } from './stack.ts';

const KAFKA = "'connector' = 'kafka', 'properties.bootstrap.servers' = 'k:1', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json'";
const TABLES = ['t', 'u'] as const;
const WINDOWS = [
  { sql: "TUMBLE(TABLE {}, DESCRIPTOR(ts), INTERVAL '10' SECOND)", window: { kind: 'tumble', sizeMs: 10_000, offsetMs: 0 } },
  { sql: "HOP(TABLE {}, DESCRIPTOR(ts), INTERVAL '5' SECOND, INTERVAL '10' SECOND)", window: { kind: 'hop', sizeMs: 10_000, slideMs: 5000, offsetMs: 0 } },
] as const satisfies readonly { sql: string; window: ModelWindow }[];
const FILTERS = [
  { sql: null, passes: () => true },
  { sql: 'v > 3', passes: ({ v }: ModelRow) => v !== null && v > 3 },
  { sql: 'v <= 3 AND n = 1', passes: ({ v, n }: ModelRow) => v !== null && v <= 3 && n === 1 },
] as const;
/** `place`: in the results of the model. */
const AGGREGATES = [
  { sql: 'COUNT(*)', place: 5 },
  { sql: 'SUM(v)', place: 7 },
] as const;

interface Query {
  readonly table: (typeof TABLES)[number];
  readonly over: (typeof WINDOWS)[number];
  readonly filter: (typeof FILTERS)[number];
  readonly aggregate: (typeof AGGREGATES)[number];
}

const QUERIES: readonly Query[] = TABLES.flatMap((table) =>
  WINDOWS.flatMap((over) => FILTERS.flatMap((filter) => AGGREGATES.map((aggregate) => ({ table, over, filter, aggregate })))),
);
const sinkOf = (query: Query): string => `q${QUERIES.indexOf(query)}`;

/** The same query in other words. */
const WRITTEN: readonly ((query: Query) => string)[] = [
  ({ table, over, filter, aggregate }) => `SELECT window_start, k, ${aggregate.sql} FROM TABLE(${over.sql.replace('{}', table)})${where(filter)} GROUP BY window_start, window_end, k`,
  ({ table, over, filter, aggregate }) =>
    `SELECT s, kk, c\n FROM (select k as kk, ${aggregate.sql} as c, window_start as s from table(${over.sql.replace('{}', table)}) ${where(filter)} group by window_end, window_start, k)`,
  ({ table, over, filter, aggregate }) =>
    `WITH chosen AS (SELECT ts, n, v, k FROM ${table}${where(filter)}) SELECT window_start, k, ${aggregate.sql} FROM TABLE(${over.sql.replace('{}', 'chosen')}) GROUP BY k, window_start, window_end`,
];
const where = ({ sql }: Query['filter']): string => (sql === null ? '' : ` WHERE ${sql}`);

interface Written {
  readonly query: Query;
  readonly words: number;
}

const SOURCES = TABLES.map((table) => `CREATE TABLE ${table} (k STRING, n INT, v INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH (${KAFKA}, 'topic' = '${table}');`).join('\n');

function planOf(set: readonly Written[]): Plan {
  const sinks = set.map(({ query }) => `CREATE TABLE ${sinkOf(query)} (s TIMESTAMP(3), k STRING, r BIGINT) WITH ('connector' = 'blackhole');`);
  const inserts = set.map(({ query, words }) => `INSERT INTO ${sinkOf(query)} ${WRITTEN[words]?.(query) ?? ''};`);
  return planScript(`${SOURCES} ${sinks.join('\n')} EXECUTE STATEMENT SET BEGIN ${inserts.join('\n')} END;`, { warehouse: '/w', resolvePath: (path) => path });
}

interface Input {
  readonly table: Query['table'];
  readonly row: ModelRow;
}

/** A job over both topics, as far as its plan reads them. */
class World {
  readonly stack: Stack;

  private constructor(stack: Stack) {
    this.stack = stack;
  }

  static async create(plan: Plan): Promise<World> {
    return new World(await Stack.create({ plan, prepare: ({ stores }) => TABLES.forEach((table) => stores.source.recreate(table, 1)) }));
  }

  async take(inputs: readonly Input[]): Promise<void> {
    const { stores, job } = this.stack;
    for (const { table, row } of inputs) stores.source.produce(table, [JSON.stringify({ k: row.k, n: row.n, v: row.v, ts: new Date(row.t).toISOString().replace('T', ' ').replace('Z', '') })], 0);
    const writer = this.stack.writer();
    for (const [index, { topics: [topic = ''] }] of sourcesOf(job.dataflow.plan).entries()) {
      const p = partitionId(index, 0, 0);
      const batch = await stores.source.fetch(topic, 0, (await writer.nextOffset(p)) ?? offset(0), 1e9);
      if (batch !== null) await writer.commit(p, batch);
    }
    const firer = this.stack.firer();
    while ((await firer.step()).kind !== 'idle') continue;
  }

  /** start, key and result of all rows that a query has given, as texts. */
  rowsOf(query: Query): string[] {
    return this.stack.stores.sinks.rows(`default_catalog.default_database.${sinkOf(query)}`).map((row) => row.map(String).join()).sort();
  }
}

/** The rows of a query that sees these. */
function expectedOf({ table, over, filter, aggregate }: Query, inputs: readonly Input[]): string[] {
  const rows = inputs.filter((input) => input.table === table).map(({ row }) => row).filter(filter.passes);
  return modelResults(rows, over.window, [['k']]).map((text) => [0, 2, aggregate.place].map((place) => text.split(',')[place]).join()).sort();
}

const areSiblings = (a: Query, b: Query): boolean => a.table === b.table && a.over === b.over;

/** What a set promises to a query of it that follows another set. */
function fateOf(query: Query, before: readonly Query[], after: readonly Query[]): 'goes on' | 'takes over' | 'begins' {
  if (before.includes(query)) return 'goes on';
  // A query that has no sibling, before or after, is the one before with another filter or aggregate.
  return [before, after].every((set) => set.filter((other) => areSiblings(other, query)).length === 1) ? 'takes over' : 'begins';
}

async function resumed(world: World, plan: Plan): Promise<'compatible' | 'dropping'> {
  const path = await world.stack.stop();
  try {
    await world.stack.resume(path, { plan });
    return 'compatible';
  } catch (error) {
    if (!isError(error, 'STATE_INCOMPATIBLE')) throw error;
    await world.stack.resume(path, { plan, allowNonRestored: true });
    return 'dropping';
  }
}

const written = fc.record({ query: fc.constantFrom(...QUERIES.filter(({ table }) => table === 't'), ...QUERIES.slice(-2)), words: fc.nat({ max: WRITTEN.length - 1 }) });
const sets = fc.uniqueArray(written, { minLength: 1, maxLength: 5, selector: ({ query }) => query });
const rows = fc.record({ k: fc.constantFrom('a', 'b'), n: fc.constantFrom(1, 2), v: fc.constantFrom(1, 2, 4, 8) });

/** In the order of their times, so that none is late. */
const inputs = fc.array(fc.record({ table: fc.constantFrom(...TABLES), row: rows, afterMs: fc.constantFrom(0, 1000, 4000) }), { minLength: 4, maxLength: 16 }).map((all): Input[] => {
  let t = 0;
  return all.map(({ table, row, afterMs }) => ({ table, row: { ...row, t: (t += afterMs) } }));
});

/** Some of the queries stay, in other words; others come; all in any order. */
const changes = sets.chain((before) =>
  fc
    .tuple(fc.subarray(before), fc.nat({ max: WRITTEN.length - 1 }), fc.oneof(fc.constant([]), sets))
    .map(([kept, words, added]) => [...kept.map(({ query }) => ({ query, words })), ...added.filter(({ query }) => before.every((other) => other.query !== query))])
    .filter((after) => after.length > 0)
    .chain((after) => fc.record({ before: fc.constant(before), after: fc.shuffledSubarray(after, { minLength: after.length }) })),
);

test('whatever becomes of a set, each of its queries goes on with its own state, or begins anew where that is said', async () => {
  const seen = { 'goes on': 0, 'takes over': 0, begins: 0 };
  await fc.assert(
    fc.asyncProperty(changes, inputs, fc.nat({ max: 16 }), async ({ before, after }, all, cut) => {
      const world = await World.create(planOf(before));
      await world.take(all.slice(0, cut));
      const outcome = await resumed(world, planOf(after));
      await world.take(all.slice(cut));
      await world.stack.stop({ drain: true });
      const [was, is] = [before.map(({ query }) => query), after.map(({ query }) => query)];
      const fates = is.map((query) => fateOf(query, was, is));
      expect(outcome).toBe(fates.includes('begins') || is.length < was.length ? 'dropping' : 'compatible');
      for (const [i, query] of is.entries()) {
        const fate = fates[i] ?? 'begins';
        seen[fate]++;
        const seesAll = fate === 'goes on' || was.every(({ table }) => table !== query.table);
        if (fate !== 'takes over') expect(world.rowsOf(query)).toEqual(expectedOf(query, seesAll ? all : all.slice(cut)));
      }
    }),
    { numRuns: 60, seed: 8 },
  );
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(2);
});
