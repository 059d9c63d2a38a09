/** A table that only the SQL of a job knows is made once, before its first row, and never again. */
import { describe, expect, test } from 'vitest';
import type { IcebergCatalog } from '../../lib/adapters/iceberg/catalog.ts';
import { CreatingSink } from '../../lib/adapters/iceberg/creating-sink.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { StoreError } from '../../lib/core/errors.ts';
import { fireNumber, generation, jobId, offset, uid } from '../../lib/core/numbers.ts';
import type { SinkNode } from '../../lib/core/plan.ts';
import { BIGINT, STRING } from '../../lib/core/types.ts';
import { requestCreate } from '../../lib/engine/lifecycle/start.ts';
import { requestCancel } from '../../lib/engine/lifecycle/stop.ts';
import { runOperation } from '../../lib/engine/lifecycle/workflow.ts';
import type { Emission, Sink, Sinks } from '../../lib/ports/sink.ts';
import { openIcebergSink } from '../../lib/place/iceberg.ts';
import { startRestServer, type Asked, type RestServer } from '../adapters/iceberg-rest-server.ts';
import { temporaryDirectory } from '../adapters/temporary.ts';
import { labPlan } from '../engine/lab-plan.ts';
import { P0, Stack } from '../engine/stack.ts';
import { loadTable, memoryPlace, openSink, TABLE, withCommit, type Place } from './world.ts';

const NODE: SinkNode = {
  kind: 'sink',
  uid: uid('out'),
  input: uid('in'),
  table: 'lake.db.t',
  connector: 'iceberg',
  columns: [{ name: 'k', type: STRING, nullable: false }, { name: 'n', type: BIGINT, nullable: true }],
  partitionedBy: ['k'],
  options: { 'catalog-type': 'hadoop', 'write.metadata.previous-versions-max': '5' },
};

const open = (place: Place): CreatingSink => new CreatingSink(openSink(place, jobId('0123456789abcdef0123456789abcdef'), NODE), { ...place, id: TABLE, node: NODE });
const fire = (f: number, pf: number | null): Emission => ({ g: generation(0), f: fireNumber(f), pf: pf === null ? null : fireNumber(pf), rows: [['a', 1n]] });

test('with columns, partitions and properties as the statement has them', async () => {
  const place = memoryPlace();
  expect(await open(place).emit(fire(1, null))).toEqual({ kind: 'durable' });
  const { metadata } = await loadTable(place);
  expect(metadata.schemas[0]?.fields.map(({ name, type, required }) => [name, type, required])).toEqual([['k', 'string', true], ['n', 'long', false]]);
  expect(metadata['partition-specs'][0]?.fields.map(({ name, transform }) => [name, transform])).toEqual([['k', 'identity']]);
  expect(metadata.properties['write.metadata.previous-versions-max']).toBe('5');
  expect(metadata.snapshots).toHaveLength(1);
});

test('by the fence of a generation whose state knows of no rows, too', async () => {
  const place = memoryPlace();
  expect(await open(place).fence(generation(1), null)).toBeNull();
  expect(await open(place).emit({ ...fire(1, null), g: generation(1) })).toEqual({ kind: 'durable' });
});

describe('a job that is stopped before it has written anything', () => {
  /** The job of the lab over tables in memory. */
  async function started(): Promise<{ stack: Stack; place: Place }> {
    const place = memoryPlace();
    const sinks: Sinks = { open: async (job, node) => new CreatingSink(openSink(place, job, node), { ...place, id: TABLE, node }) };
    const stack = await Stack.create({ sinks });
    stack.produce([['click', 10]]);
    await stack.deliver(stack.writer());
    return { stack, place };
  }

  /** Closes the window; the topic is read from its beginning, and what the generation has is passed over. */
  async function goOn(stack: Stack): Promise<void> {
    stack.produce([['end', 200]]);
    const batch = await stack.stores.source.fetch('events', 0, offset(0), 1e9);
    if (batch !== null) await stack.writer().commit(P0, batch);
    for (let i = 0; i < 3; i++) await stack.firer().step();
  }

  test.each(['the last state', 'a savepoint'])('is resumed from %s, and writes', async (from) => {
    const { stack, place } = await started();
    if (from === 'a savepoint') await stack.resume(await stack.stop());
    else {
      await requestCancel(stack.workshop, stack.job.id);
      await runOperation(stack.workshop, stack.job.id);
      await stack.resume(null);
    }
    await goOn(stack);
    expect((await loadTable(place)).metadata.properties[`sluice.${stack.job.id}.out.committed`]).toMatch(/^1:/);
  });

  test('is forked, and its fork writes', async () => {
    const { stack, place } = await started();
    const savepoint = await stack.stop();
    const id = await requestCreate(stack.workshop, labPlan(), { savepoint, allowNonRestored: false });
    expect(await runOperation(stack.workshop, id)).toMatchObject({ status: 'RUNNING' });
    await stack.reopen(id);
    await goOn(stack);
    expect((await loadTable(place)).metadata.properties[`sluice.${id}.out.committed`]).toMatch(/^1:/);
  });

  test('one that has written, and whose table was dropped since, waits for it', async () => {
    const { stack, place } = await started();
    await goOn(stack);
    const savepoint = await stack.stop();
    await place.catalog.drop(TABLE);
    await expect(stack.resume(savepoint)).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE', message: expect.stringContaining("no table 'db.t'") });
    expect(await place.catalog.load(TABLE)).toBeNull();
  });
});

test('not where the job has written rows that are gone with the table', async () => {
  const place = memoryPlace();
  const sink = open(place);
  await sink.emit(fire(1, null));
  await place.catalog.drop(TABLE);
  await expect(sink.emit(fire(2, 1))).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE', message: expect.stringContaining("no table 'db.t'") });
  await expect(sink.fence(generation(1), { g: generation(0), f: fireNumber(1) })).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE' });
  expect(await place.catalog.load(TABLE)).toBeNull();
});

test('a table that is there stays as it is', async () => {
  const place = memoryPlace();
  await open(place).emit(fire(1, null));
  const { metadata } = await loadTable(place);
  await open(place).fence(generation(0), null);
  expect((await loadTable(place)).metadata['table-uuid']).toBe(metadata['table-uuid']);
});

describe('in a REST catalog', () => {
  const isNamespaceMade = ({ method, path }: Asked): boolean => method === 'POST' && path.endsWith('/namespaces');

  async function opened(): Promise<{ server: RestServer; sink: Sink }> {
    const server = await startRestServer();
    server.warehouse = `file://${temporaryDirectory()}`;
    const options = { 'catalog-type': 'rest', uri: server.uri, 'catalog-database': 'db', 'catalog-table': 't' };
    return { server, sink: openIcebergSink(jobId('0123456789abcdef0123456789abcdef'), { ...NODE, options }, nodeRuntime) };
  }

  test('with no right to create namespaces, in one that is there', async () => {
    const { server, sink } = await opened();
    server.namespaces.set('db', new Map());
    server.interference = { when: 'before', say: (asked) => (isNamespaceMade(asked) ? { status: 403 } : undefined) };
    expect(await sink.emit(fire(1, null))).toEqual({ kind: 'durable' });
    expect(server.asked.filter(isNamespaceMade)).toEqual([]);
  });

  test('with its namespace, where there is none', async () => {
    const { server, sink } = await opened();
    expect(await sink.emit(fire(1, null))).toEqual({ kind: 'durable' });
    expect([...(server.namespaces.get('db')?.keys() ?? [])]).toEqual(['t']);
  });

  test('not where it may create neither', async () => {
    const { server, sink } = await opened();
    server.interference = { when: 'before', say: (asked) => (asked.method === 'POST' && asked.path.endsWith('/tables') ? { status: 403 } : undefined) };
    await expect(sink.emit(fire(1, null))).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE', hint: expect.stringContaining('permission') });
    expect(server.asked.filter(isNamespaceMade)).toEqual([]);
  });
});

test.each<[Partial<SinkNode>, string]>([
  [{ columns: [{ name: 'k', type: { kind: 'DOUBLE' }, nullable: false }], primaryKey: ['k'] }, "'k' of type DOUBLE in the primary key"],
  [{ partitionedBy: ['k', 'n', 'k'] }, "partitioned by 'k' twice"],
])('a table that no other reader would load is not made: %j', async (change, problem) => {
  const place = memoryPlace();
  const sink = new CreatingSink(openSink(place, jobId('0123456789abcdef0123456789abcdef'), NODE), { ...place, id: TABLE, node: { ...NODE, ...change } });
  await expect(sink.emit(fire(1, null))).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE', message: expect.stringContaining(problem) });
  expect(await place.catalog.load(TABLE)).toBeNull();
});

test('a catalog that does not answer is a sink that cannot take rows now', async () => {
  const place = memoryPlace();
  const down: IcebergCatalog = { ...withCommit(place.catalog, (...commit) => place.catalog.commit(...commit)), load: () => Promise.reject(new StoreError('no', { message: 'down', hint: 'wait' })) };
  await expect(open({ ...place, catalog: down }).emit(fire(1, null))).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE', hint: 'wait', message: "cannot create the Iceberg table 'lake.db.t': down" });
});
