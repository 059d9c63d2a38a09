/** Sessions in memory: their bounds, their order, and queries that have no end. */
import { expect, test } from 'vitest';
import type { Fetched } from '../../../../lib/control/rest/gateway/gateway.ts';
import type { Sql } from '../../../../lib/control/rest/gateway/session.ts';
import { GatewaySessions } from '../../../../lib/control/rest/gateway/sessions.ts';
import type { Change, StatementResult } from '../../../../lib/control/statement-result.ts';
import { listTable, resultColumn } from '../../../../lib/control/table.ts';
import { SluiceError } from '../../../../lib/core/errors.ts';
import { jobId } from '../../../../lib/core/numbers.ts';
import { INT } from '../../../../lib/core/types.ts';
import { MINUTE, TestRuntime } from '../../../engine/stack.ts';

const runtime = new TestRuntime();
const JOB = jobId('a'.repeat(32));
const OK: StatementResult = { kind: 'ok' };

/** Sessions whose statements are executed by a function. */
const gatewayOf = (execute: Sql['execute']): GatewaySessions =>
  new GatewaySessions(runtime, (properties) => ({ properties, execute, configure: async () => {}, complete: async () => ({ start: 0, end: 0, candidates: [] }) }));

const openIn = async (gateway: GatewaySessions): ReturnType<GatewaySessions['session']> => gateway.session(await gateway.openSession({}));

const dataOf = (fetched: Fetched): unknown => (fetched.kind === 'batch' ? (fetched.batch?.map(({ row }) => row[0]) ?? 'end') : fetched.kind);

/** A query that gives what it is told. */
function liveQuery(): { readonly result: StatementResult; put(...numbers: number[]): void; isEnded(): boolean } {
  const given: (readonly Change[])[] = [];
  let [ended, wake] = [false, (): void => {}];
  async function* changes(): AsyncGenerator<readonly Change[]> {
    for (;;) {
      const next = given.shift();
      if (next !== undefined) yield next;
      else if (ended) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  return {
    result: { kind: 'changes', columns: [resultColumn('n', INT)], job: JOB, changes: changes(), end: async () => ((ended = true), wake()) },
    put: (...numbers) => (given.push(numbers.map((n): Change => ({ kind: 'INSERT', row: [n] }))), wake()),
    isEnded: () => ended,
  };
}

test('a query without an end: batches as they come, none where nothing came, the last one again', async () => {
  const query = liveQuery();
  const session = await openIn(gatewayOf(async () => query.result));
  const operation = session.operation(session.submit('SELECT'));
  expect(dataOf(await operation.fetch(0))).toEqual([]);
  query.put(1, 2);
  expect(dataOf(await operation.fetch(1))).toEqual([1, 2]);
  expect(dataOf(await operation.fetch(1))).toEqual([1, 2]);
  await operation.cancel();
  expect(query.isEnded()).toBe(true);
  await expect(operation.fetch(2)).rejects.toMatchObject({ code: 'GATEWAY_REFUSED' });
});

test('a large batch comes in parts, and requests at the same time have their turns', async () => {
  const query = liveQuery();
  const session = await openIn(gatewayOf(async () => query.result));
  const operation = session.operation(session.submit('SELECT'));
  query.put(...Array.from({ length: 5001 }, (_, n) => n));
  const [first, again] = await Promise.all([operation.fetch(0), operation.fetch(0)]);
  expect(dataOf(first)).toHaveLength(5000);
  expect(dataOf(again)).toEqual(dataOf(first));
  expect(dataOf(await operation.fetch(1))).toEqual([5000]);
});

test.each(['closeOperation', 'closeSession', 'close'] as const)('%s ends the query', async (way) => {
  const query = liveQuery();
  const gateway = gatewayOf(async () => query.result);
  const handle = await gateway.openSession({});
  const session = await gateway.session(handle);
  const operation = session.submit('SELECT');
  await session.operation(operation).fetch(0);
  if (way === 'closeOperation') await session.closeOperation(operation);
  else if (way === 'closeSession') await gateway.closeSession(handle);
  else await gateway.close();
  expect(query.isEnded()).toBe(true);
});

test('statements are executed one behind the other, and one that is canceled meanwhile is not', async () => {
  const executed: string[] = [];
  const first = Promise.withResolvers<StatementResult>();
  const session = await openIn(gatewayOf(async (text) => (executed.push(text), text === 'first' ? first.promise : OK)));
  const [one, two, three] = ['first', 'second', 'third'].map((text) => session.operation(session.submit(text)));
  expect(await one?.fetch(0)).toEqual({ kind: 'not-ready' });
  expect([one?.status, two?.status]).toEqual(['RUNNING', 'PENDING']);
  await two?.cancel();
  first.resolve(OK);
  await three?.fetch(0);
  expect([executed, two?.status, three?.status]).toEqual([['first', 'third'], 'CANCELED', 'FINISHED']);
});

test('the rows of a statement that is canceled while it is executed are let go', async () => {
  const [query, ready] = [liveQuery(), Promise.withResolvers<StatementResult>()];
  const session = await openIn(gatewayOf(() => ready.promise));
  const operation = session.operation(session.submit('SELECT'));
  await operation.fetch(0);
  await operation.cancel();
  ready.resolve(query.result);
  await session.operation(session.submit('next')).fetch(0);
  expect([query.isEnded(), operation.status]).toEqual([true, 'CANCELED']);
});

test('the oldest results are forgotten, and what goes on is not', async () => {
  const query = liveQuery();
  const session = await openIn(gatewayOf(async (text) => (text === 'live' ? query.result : { kind: 'table', table: listTable('x', ['y'.repeat(20_000_000)]) })));
  const live = session.submit('live');
  await session.operation(live).fetch(0);
  const handles: string[] = [];
  for (let i = 0; i < 4; i++) {
    handles.push(session.submit('SHOW'));
    await session.operation(handles.at(-1) ?? '').fetch(0);
  }
  expect(() => session.operation(handles[0] ?? '')).toThrow('Can not find');
  expect([live, ...handles.slice(2)].map((handle) => session.operation(handle).status)).toEqual(['FINISHED', 'FINISHED', 'FINISHED']);
});

test('results that were read to their end count as long as they can be asked for again', async () => {
  const session = await openIn(gatewayOf(async () => ({ kind: 'table', table: listTable('x', ['y'.repeat(20_000_000)]) })));
  const handles: string[] = [];
  for (let i = 0; i < 4; i++) {
    handles.push(session.submit('SHOW'));
    const operation = session.operation(handles.at(-1) ?? '');
    await operation.fetch(0);
    expect(dataOf(await operation.fetch(1))).toBe('end');
  }
  expect(() => session.operation(handles[0] ?? '')).toThrow('Can not find');
});

test('a query that fails while it is read says so whenever it is asked, and takes no place', async () => {
  async function* failing(): AsyncGenerator<readonly Change[]> {
    yield [{ kind: 'INSERT', row: [1] }];
    throw new SluiceError('QUERY_TOO_LARGE', { message: 'grown' });
  }
  const session = await openIn(gatewayOf(async () => ({ kind: 'changes', columns: [resultColumn('n', INT)], job: JOB, changes: failing(), end: async () => {} })));
  for (let i = 0; i < 65; i++) {
    const operation = session.operation(session.submit('SELECT'));
    expect(dataOf(await operation.fetch(0))).toEqual([1]);
    expect(operation.status).toBe('FINISHED');
    await expect(operation.fetch(1)).rejects.toMatchObject({ code: 'QUERY_TOO_LARGE' });
    await operation.cancel();
    await expect(operation.fetch(1)).rejects.toMatchObject({ code: 'QUERY_TOO_LARGE' });
    expect([operation.status, dataOf(await operation.fetch(0))]).toEqual(['ERROR', [1]]);
  }
});

test('operations under way, and sessions, are counted', async () => {
  const gateway = gatewayOf(() => new Promise(() => {}));
  const session = await openIn(gateway);
  for (let i = 0; i < 64; i++) session.submit('wait');
  expect(() => session.submit('one more')).toThrow('64 operations under way at most');
  for (let i = 1; i < 256; i++) await gateway.openSession({});
  await expect(gateway.openSession({})).rejects.toMatchObject({ code: 'GATEWAY_REFUSED' });
});

test('a query whose rows nobody asks for ends after two minutes, and its session does not', async () => {
  const [read, abandoned] = [liveQuery(), liveQuery()];
  const gateway = gatewayOf(async (text) => (text === 'read' ? read.result : text === 'abandoned' ? abandoned.result : OK));
  const session = await openIn(gateway);
  const [one, two, three] = ['read', 'abandoned', 'SHOW'].map((text) => session.operation(session.submit(text)));
  await Promise.all([one?.fetch(0), two?.fetch(0), three?.fetch(0)]);
  for (let i = 1; i <= 2; i++) {
    expect([read.isEnded(), abandoned.isEnded()]).toEqual([false, false]);
    runtime.advance(MINUTE);
    await one?.fetch(i);
    await gateway.closeIdle();
  }
  expect([read.isEnded(), abandoned.isEnded()]).toEqual([false, true]);
  expect([one, two, three].map((operation) => operation?.status)).toEqual(['FINISHED', 'CANCELED', 'FINISHED']);
});

test('a session that nobody asks for is closed after ten minutes', async () => {
  const gateway = gatewayOf(async () => OK);
  const [idle, used] = [await gateway.openSession({}), await gateway.openSession({})];
  const session = await gateway.session(idle);
  const operation = session.submit('SHOW');
  const pass = async (minutes: number): Promise<void> => {
    runtime.advance(minutes * MINUTE);
    await gateway.session(used);
    await gateway.closeIdle();
  };
  await pass(9);
  expect(session.operation(operation).status).toBe('FINISHED');
  await pass(2);
  expect(() => session.operation(operation)).toThrow('Can not find');
  await expect(gateway.session(idle)).rejects.toMatchObject({ code: 'GATEWAY_REFUSED' });
  expect(await gateway.session(used)).toBeDefined();
});
