/** What goes into a savepoint comes out of it, and equal state gives equal bytes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aggregateOf, statesOf } from '../../lib/core/aggregates/states.ts';
import { keyCodec, type Key } from '../../lib/core/key.ts';
import type { PaneColumns } from '../../lib/core/window/pane.ts';
import type { AggregateCall, JsonValue, WindowAggregateNode } from '../../lib/core/plan.ts';
import { BIGINT, BOOLEAN, DOUBLE, INT, STRING, TIMESTAMP3, typeText, type SqlType, type Value } from '../../lib/core/types.ts';
import type { SavepointContent } from '../../lib/savepoint/model.ts';
import { call, column, contentOf, countAll, decimal, Disk, END, FIVE_MINUTES, ordersContent, throughFiles, windowNode } from './fixture.ts';

const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
/** Both sides of 2^53, where the stored form changes from number to text. */
const nearLimit = fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }).chain((n) => fc.constantFrom(n, -n));

/** Every type, with an arbitrary of its values. */
const TYPES: readonly (readonly [SqlType, fc.Arbitrary<Value>])[] = [
  [STRING, fc.string({ unit: 'binary' })],
  [{ kind: 'CHAR', length: 3 }, fc.string({ maxLength: 3 })],
  [BIGINT, fc.oneof(long, nearLimit)],
  [INT, fc.integer()],
  [{ kind: 'TINYINT' }, fc.integer({ min: -128, max: 127 })],
  [BOOLEAN, fc.boolean()],
  [DOUBLE, fc.double()],
  [{ kind: 'FLOAT' }, fc.float()],
  [decimal(38, 7), long],
  [decimal(5, 0), fc.bigInt({ min: -99999n, max: 99999n })],
  [{ kind: 'VARBINARY', length: 100 }, fc.uint8Array()],
  [{ kind: 'DATE' }, fc.integer({ min: -800_000, max: 4_000_000 })],
  [{ kind: 'TIME', precision: 3 }, fc.integer({ min: 0, max: 86_399_999 })],
  [TIMESTAMP3, fc.oneof(fc.integer({ min: -1e14, max: 3e14 }), fc.integer({ min: END, max: END + 10 }))],
  [{ kind: 'TIMESTAMP_LTZ', precision: 9 }, fc.oneof(long, nearLimit)],
  [{ kind: 'INTERVAL_DAY' }, fc.maxSafeInteger()],
  [{ kind: 'INTERVAL_YEAR' }, fc.integer()],
];

const valueOf = (type: SqlType): fc.Arbitrary<Value> => fc.option(TYPES.find(([t]) => t === type)?.[1] ?? fc.constant(null), { freq: 8 });
const anyType = fc.constantFrom(...TYPES.map(([type]) => type));
const summable = fc.constantFrom(INT, BIGINT, DOUBLE, TYPES[8]?.[0] ?? INT);

const anyCall: fc.Arbitrary<AggregateCall> = fc.oneof(
  fc.constant(countAll),
  anyType.map((type) => call('c', 'COUNT', type, BIGINT)),
  anyType.map((type) => call('m', 'MAX', type)),
  summable.map((type) => call('s', 'SUM', type)),
  summable.map((type) => call('a', 'AVG', type)),
  anyType.map((type) => ({ ...call('d', 'COUNT', type, BIGINT), distinct: `DISTINCT ${typeText(type)}` })),
  anyType.map((type) => call('e', 'COLLECT', type, { kind: 'MULTISET', element: { type, nullable: true } })),
  anyType.map((type) => call('y', 'ARRAY_AGG', type, { kind: 'ARRAY', element: { type, nullable: true } })),
  anyType.map((type) => call('f', 'LAST_VALUE', type)),
  fc.constant(call('l', 'LISTAGG', STRING)),
  fc.constant(call('p', 'PERCENTILE', INT, DOUBLE)),
);

/** An accumulator into which some values were folded. */
const storedOf = (c: AggregateCall): fc.Arbitrary<JsonValue> =>
  fc.array(valueOf(c.argumentType ?? INT), { maxLength: 3 }).map((values) => {
    const aggregate = aggregateOf(c);
    return aggregate.encode(values.reduce((acc, v) => (v === null ? acc : aggregate.add(acc, v)), aggregate.zero));
  });

const panesOf = (node: WindowAggregateNode): fc.Arbitrary<PaneColumns[]> => {
  const keys = node.columns.slice(0, node.keys.length);
  const { keyOf } = keyCodec(keys, node.keys);
  const key = fc.tuple(...keys.map((k) => valueOf(k.type))).map(keyOf);
  const stored = fc.tuple(...statesOf(node.aggregates).map((state) => storedOf(state.call)));
  const pane = fc.record({ key, rows: fc.maxSafeInteger().map(Math.abs), stored });
  const slice = fc.uniqueArray(pane, { selector: (p) => p.key, minLength: 1, maxLength: 12 });
  return fc.array(slice, { maxLength: 3 }).map((slices) => slices.map((panes, i) => columnsOf(END + i * FIVE_MINUTES, panes)));
};

type PaneRecord = { readonly key: Key; readonly rows: number; readonly stored: readonly JsonValue[] };

const columnsOf = (end: number, panes: readonly PaneRecord[]): PaneColumns => ({
  end,
  keys: panes.map((p) => p.key),
  rows: panes.map((p) => p.rows),
  accumulators: (panes[0]?.stored ?? []).map((_, a) => panes.map((p) => p.stored[a] ?? null)),
});

const anyNode = fc
  .record({ keys: fc.array(anyType, { maxLength: 3 }), calls: fc.array(anyCall, { maxLength: 3 }) })
  .map(({ keys, calls }) => windowNode(keys.map((type, i) => column(`k${i}`, type)), calls));

const anyContent: fc.Arbitrary<SavepointContent> = anyNode.chain((node) => panesOf(node).map((panes) => contentOf(node, panes)));

/** Panes one by one, so that neither their order nor how they are cut into columns counts. */
function panesByKey(content: SavepointContent): Map<string, unknown> {
  const all = content.operators.flatMap((operator) =>
    operator.panes.flatMap((c) => c.keys.map((key, i) => [JSON.stringify([operator.uid, c.end, key]), { rows: c.rows[i], stored: c.accumulators.map((a) => a[i]) }] as const)),
  );
  return new Map(all);
}

/** The same panes in another order and in other pieces. */
function shuffled(columns: PaneColumns): PaneColumns[] {
  const halves = [0, 1].map((half) => columns.keys.map((_, i) => i).filter((i) => i % 2 === half).reverse());
  return halves.map((order) => ({
    end: columns.end,
    keys: order.map((i) => columns.keys[i] ?? null),
    rows: order.map((i) => columns.rows[i] ?? 0),
    accumulators: columns.accumulators.map((a) => order.map((i) => a[i] ?? null)),
  }));
}

const inOtherOrder = (content: SavepointContent): SavepointContent => ({
  ...content,
  operators: content.operators.map((o) => ({ ...o, panes: o.panes.flatMap(shuffled).reverse() })),
});

describe('a savepoint', () => {
  test('keeps every pane of every type', async () => {
    await fc.assert(
      fc.asyncProperty(anyContent, async (content) => {
        const { content: opened } = await throughFiles(content);
        expect(panesByKey(opened)).toStrictEqual(panesByKey(content));
      }),
      { numRuns: 500 },
    );
  });

  test('has the same bytes for the same state', async () => {
    await fc.assert(
      fc.asyncProperty(anyContent, async (content) => {
        const [one, other] = [new Disk(), new Disk()];
        await one.write(content);
        await other.write(inOtherOrder(content));
        expect(await other.files(content)).toEqual(await one.files(content));
      }),
      { numRuns: 200 },
    );
  });

  test.each(['none', 'gzip', 'zstd'] as const)('keeps everything else, compressed with %s', async (compression) => {
    const { content, metadata } = await throughFiles(ordersContent, compression);
    expect({ ...content, operators: [] }).toEqual({ ...ordersContent, operators: [] });
    expect(panesByKey(content)).toEqual(panesByKey(ordersContent));
    expect(metadata.chunks.map((c) => c.lines)).toEqual([4]);
  });

  test('of many panes is cut at key groups into files of about 100,000 lines', async () => {
    const keys = Array.from({ length: 250_000 }, (_, i) => `user-${i}`);
    const content = contentOf(windowNode([column('user', STRING)], [countAll]), [{ end: END, keys, rows: keys.map((_, i) => i), accumulators: [] }]);
    const { content: opened, metadata } = await throughFiles(content, 'gzip');
    expect(metadata.chunks.map((c) => c.keyGroups)).toEqual([[0, 41], [42, 84], [85, 127]]);
    expect(Math.max(...metadata.chunks.map((c) => c.lines))).toBeLessThan(100_000);
    expect(opened.operators.flatMap((o) => o.panes).reduce((n, p) => n + p.rows.reduce((a, b) => a + b, 0), 0)).toBe((250_000 * 249_999) / 2);
  });

  test('without panes has no file but its _metadata', async () => {
    const { content, metadata } = await throughFiles({ ...ordersContent, operators: ordersContent.operators.map((o) => ({ ...o, panes: [] })) });
    expect(metadata.chunks).toEqual([]);
    expect(content.operators.map((o) => o.panes)).toEqual([[]]);
  });
});
