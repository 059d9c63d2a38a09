/** State of process functions in savepoints (protocol 14.2): its lines, and that what goes in comes out. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nodeCodec } from '../../lib/adapters/node/codec.ts';
import { isError } from '../../lib/core/errors.ts';
import { LostAccumulator, UNKNOWN_CODE } from '../../lib/core/process/code-aggregate.ts';
import { windowNode, column, contentOf, Disk, END, linesOf, ordersContent, throughFiles } from './fixture.ts';
import { readableJson } from '../../lib/savepoint/canonical-json.ts';
import { sealed, type Metadata } from '../../lib/savepoint/metadata.ts';
import type { SavepointContent } from '../../lib/savepoint/model.ts';
import { openSavepoint } from '../../lib/savepoint/open.ts';
import { RAW } from '../../lib/core/types.ts';
import { anyFunction, functionContent, heldColumns, heldIn, processNode, stateSpec, TTL } from './functions.ts';

const node = processNode('dedup', [
  stateSpec('seen', 'value', { ttl: TTL }),
  stateSpec('total', 'reducing'),
  stateSpec('recent', 'list'),
  stateSpec('recent-timed', 'list', { ttl: TTL }),
  stateSpec('by-kind', 'map'),
  stateSpec('by-kind-timed', 'map', { ttl: TTL }),
]);

const a1 = ['a1', [[true, END], 12.5, [1, 'x'], [[{ id: 1 }, END]], [['x', 2]], [['x', { $bigint: '2' }, END]]], [END, END + 1], [END]] as const;
const content = functionContent(node, [heldColumns(node, [['b', [null, null, [], [], [], []], [], [END]], a1, [null, [null, 1, [], [], [], []]], [7, [null, 2, [], [], [], []]]])]);

/** Files come in the order of their names; within one, lines stay. */
const byState = (a: string, b: string): number => stateOf(a).localeCompare(stateOf(b));
const stateOf = (line: string): string => /"state":"([^"]*)"/.exec(line)?.[1] ?? '';

test('lines are those of the specification: a file per state, keys in order, nothing for what is empty', async () => {
  const line = (state: string, key: string, value: string): string => `{"op":"dedup","state":"${state}","key":{"key":${key}},"value":${value}}`;
  const time = '"2026-11-20T10:05:00.000Z"';
  expect((await linesOf(content)).toSorted(byState)).toEqual([
    line('by-kind', '"a1"', '[{"key":"x","value":2}]'),
    line('by-kind-timed', '"a1"', `[{"key":"x","value":{"$bigint":"2"},"time":${time}}]`),
    line('recent', '"a1"', '[1,"x"]'),
    line('recent-timed', '"a1"', `[{"value":{"id":1},"time":${time}}]`),
    line('seen', '"a1"', `{"value":true,"time":${time}}`),
    line('timers', '"a1"', `{"time":${time},"domain":"event"}`),
    line('timers', '"a1"', '{"time":"2026-11-20T10:05:00.001Z","domain":"event"}'),
    line('timers', '"a1"', `{"time":${time},"domain":"processing"}`),
    line('timers', '"b"', `{"time":${time},"domain":"processing"}`),
    line('total', 'null', '1'),
    line('total', '7', '2'),
    line('total', '"a1"', '12.5'),
  ]);
});

test('the manifest names each state, its kind, its version and its TTL, and asks for a reader that knows them', async () => {
  const { metadata } = await throughFiles(content);
  const operator = metadata.plan.operators.find(({ uid }) => uid === 'dedup');
  expect(operator?.type).toBe('process');
  expect(operator?.states.slice(0, 2)).toEqual([
    { name: 'seen', key: [{ name: 'key', type: 'RAW' }], kind: 'value', version: 1, ttlMs: 60_000, schemaId: expect.stringMatching(/^sha256:/) },
    { name: 'total', key: [{ name: 'key', type: 'RAW' }], kind: 'reducing', version: 1, ttlMs: null, schemaId: expect.stringMatching(/^sha256:/) },
  ]);
  expect(operator?.states.at(-1)).toMatchObject({ name: 'timers', kind: 'timers', version: null, ttlMs: null });
  expect([metadata.formatVersion, metadata.minReader]).toEqual([2, 2]);
  const { metadata: ofSql } = await throughFiles(ordersContent);
  expect([ofSql.formatVersion, ofSql.minReader]).toEqual([1, 1]);
});

test('a job whose program keeps nothing asks for a reader that knows programs, too: without it, the job would not run', async () => {
  const { metadata } = await throughFiles({ ...ordersContent, plan: { ...ordersContent.plan, program: 'a'.repeat(64) } });
  expect([metadata.formatVersion, metadata.minReader]).toEqual([2, 2]);
});

test('keeps every cell and timer of every kind', async () => {
  await fc.assert(
    fc.asyncProperty(anyFunction, async (given) => {
      const { content: opened } = await throughFiles(given);
      expect(opened.functions.map(({ uid, panes }) => [uid, heldIn(panes)])).toStrictEqual(given.functions.map(({ uid, panes }) => [uid, heldIn(panes)]));
    }),
    { numRuns: 300 },
  );
});

const inOtherOrder = (given: SavepointContent): SavepointContent => ({
  ...given,
  functions: given.functions.map((state) => ({
    ...state,
    panes: state.panes.map((columns) => ({ ...columns, keys: columns.keys.toReversed(), accumulators: columns.accumulators.map((cells) => cells.toReversed()) })).reverse(),
  })),
});

test('has the same bytes for the same state', async () => {
  await fc.assert(
    fc.asyncProperty(anyFunction, async (given) => {
      const [one, other] = [new Disk(), new Disk()];
      await one.write(given);
      await other.write(inOtherOrder(given));
      expect(await other.files(given)).toEqual(await one.files(given));
    }),
    { numRuns: 200 },
  );
});

describe('a sealed line that does not fit', () => {
  /** What opening says once the file of a state is this text, with a manifest that says so. */
  async function withLines(state: string, lines: readonly string[]): Promise<string | null> {
    const disk = new Disk();
    await disk.write(content);
    const ports = await disk.copyOf(content);
    const metadata: Metadata = JSON.parse(new TextDecoder().decode((await ports.blob.get('_metadata')) ?? new Uint8Array()));
    const listed = metadata.chunks.find((chunk) => chunk.state === state);
    const bytes = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(''));
    const chunk = { file: listed?.file ?? '', operator: 'dedup', state, keyGroups: [0, 127] as const, lines: lines.length, bytes: bytes.length, sha256: nodeCodec.sha256(bytes) };
    for (const file of [chunk.file, '_metadata']) await ports.blob.remove(file);
    await ports.blob.put(chunk.file, bytes);
    await ports.blob.put('_metadata', new TextEncoder().encode(readableJson(sealed(nodeCodec, { ...metadata, chunks: [chunk] }))));
    try {
      await openSavepoint(ports, 'dir');
      return null;
    } catch (error) {
      if (isError(error, 'SAVEPOINT_CORRUPT')) return error.message.replace(`savepoint dir: ${chunk.file} `, '');
      throw error;
    }
  }

  const line = (state: string, value: string, key = '"a"'): string => `{"op":"dedup","state":"${state}","key":{"key":${key}},"value":${value}}`;

  test.each([
    ['another state', 'total', [line('recent', '1')], 'line 1 is not a line of dedup.total'],
    ['no key', 'total', ['{"op":"dedup","state":"total","key":{},"value":1}'], 'line 1 has no key'],
    ['no value', 'total', ['{"op":"dedup","state":"total","key":{"key":1}}'], 'line 1 has a value that is none of a reducing state'],
    ['NULL, which nothing holds', 'total', [line('total', 'null')], 'line 1 has a value that is none of a reducing state'],
    ['NULL with a time', 'seen', [line('seen', '{"value":null,"time":"2026-11-20T10:05:00.000Z"}')], 'line 1 has a value that is none of a value state'],
    ['a key twice', 'total', [line('total', '1'), line('total', '2')], 'line 2 has the key, and what it holds, of a line before it'],
    ['a rounded number', 'total', [line('total', '9007199254740993')], 'line 1 is not JSON: 9007199254740993 is no number of JavaScript: it would be 9007199254740992'],
    ['no time', 'seen', [line('seen', '{"value":true}')], 'line 1 has a value that is none of a value state'],
    ['a time that is none', 'seen', [line('seen', '{"value":true,"time":"yesterday"}')], 'line 1 has a value that is none of a value state'],
    ['no list', 'recent', [line('recent', '1')], 'line 1 has a value that is none of a list state'],
    ['NULL in a list', 'recent', [line('recent', '[null]')], 'line 1 has a value that is none of a list state'],
    ['a value that nothing is stored as', 'total', [line('total', '{"$price":1}')], 'line 1 has a value that is none of a reducing state'],
    ['a key that nothing is stored as', 'total', [line('total', '1', '{"$price":1}')], 'line 1 has no key'],
    ['an empty list', 'recent', [line('recent', '[]')], 'line 1 has a value that is none of a list state'],
    ['an element without a time', 'recent-timed', [line('recent-timed', '[{"value":1}]')], 'line 1 has a value that is none of a list state'],
    ['an entry without a key', 'by-kind', [line('by-kind', '[{"value":1}]')], 'line 1 has a value that is none of a map state'],
    ['an entry that is none', 'by-kind', [line('by-kind', '[["x",1]]')], 'line 1 has a value that is none of a map state'],
    ['an entry without a time', 'by-kind-timed', [line('by-kind-timed', '[{"key":"x","value":1}]')], 'line 1 has a value that is none of a map state'],
    ['an entry twice', 'by-kind', [line('by-kind', '[{"key":"x","value":1},{"key":"x","value":2}]')], 'line 1 has a value that is none of a map state'],
    ['another domain', 'timers', [line('timers', '{"time":"2026-11-20T10:05:00.000Z","domain":"lunar"}')], 'line 1 has a value that is none of a timers state'],
    ['a timer twice', 'timers', [1, 2].map(() => line('timers', '{"time":"2026-11-20T10:05:00.000Z","domain":"event"}')), 'line 2 has the key, and what it holds, of a line before it'],
  ])('%s', async (_, state, lines, problem) => {
    expect(await withLines(state, lines)).toBe(problem);
  });

  test('one that was edited well is taken', async () => {
    expect(await withLines('total', [line('total', '{"any":"thing"}')])).toBeNull();
    expect(await withLines('total', [line('total', '1152921504606846976')])).toBeNull();
    expect(await withLines('timers', ['{"domain":"event","time":1}', '{"time":0,"domain":"event"}'].map((value) => line('timers', value)))).toBeNull();
  });
});

test('windows of a program keep what they have lost: a merge has failed, and the job goes on without it', async () => {
  const aggregate = { name: 'average', fn: 'CODE', argument: 1, argumentType: RAW, type: RAW };
  const lost = UNKNOWN_CODE.encode(new LostAccumulator('no number'));
  const windows = contentOf(windowNode([column('key', RAW)], [aggregate]), [{ end: END, keys: ['a'], rows: [2], accumulators: [[lost]] }]);
  const { content: opened } = await throughFiles(windows);
  expect(opened.operators.map(({ panes }) => heldIn(panes))).toEqual(windows.operators.map(({ panes }) => heldIn(panes)));
});

test('windows of a program keep what it aggregates as JSON', async () => {
  const aggregate = { name: 'average', fn: 'CODE', argument: 1, argumentType: RAW, type: RAW };
  const windows = contentOf(windowNode([column('key', RAW)], [aggregate]), [
    { end: END, keys: ['a', 7, null, true, '{"id":1}', '"[1]"'], rows: [1, 2, 3, 4, 5, 6], accumulators: [[{ sum: 1.5, n: 2 }, 2 ** 60, null, [1, 'x'], { $bigint: '3' }, 'text']] },
  ]);
  const lines = await linesOf(windows);
  expect(lines.map((line) => /"key":(.*),"window_start.*"value":(.*)\}$/.exec(line)?.slice(1))).toEqual([
    ['{"key":null}', '{"rows":3,"average":null}'],
    ['{"key":true}', '{"rows":4,"average":[1,"x"]}'],
    ['{"key":7}', '{"rows":2,"average":1152921504606847000}'],
    ['{"key":"[1]"}', '{"rows":6,"average":"text"}'],
    ['{"key":"a"}', '{"rows":1,"average":{"sum":1.5,"n":2}}'],
    ['{"key":{"id":1}}', '{"rows":5,"average":{"$bigint":"3"}}'],
  ]);
  const { content: opened, metadata } = await throughFiles(windows);
  expect(opened.operators.map(({ panes }) => heldIn(panes))).toEqual(windows.operators.map(({ panes }) => heldIn(panes)));
  expect(metadata.plan.operators[0]?.states[0]).toMatchObject({ kind: 'window', value: [{ name: 'rows' }, { name: 'average', type: 'RAW', aggregate: 'CODE' }] });
  expect(metadata.minReader).toBe(2);
});
