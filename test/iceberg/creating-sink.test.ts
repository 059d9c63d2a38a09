/** A table that only the SQL of a job knows is made once, before its first row, and never again. */
import { expect, test } from 'vitest';
import type { IcebergCatalog } from '../../lib/adapters/iceberg/catalog.ts';
import { CreatingSink } from '../../lib/adapters/iceberg/creating-sink.ts';
import { StoreError } from '../../lib/core/errors.ts';
import { fireNumber, generation, jobId, uid } from '../../lib/core/numbers.ts';
import type { SinkNode } from '../../lib/core/plan.ts';
import { BIGINT, STRING } from '../../lib/core/types.ts';
import type { Emission } from '../../lib/ports/sink.ts';
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

test('by the fence of its first generation, too', async () => {
  const place = memoryPlace();
  expect(await open(place).fence(generation(0))).toBeNull();
  expect(await open(place).emit(fire(1, null))).toEqual({ kind: 'durable' });
});

test('not where the job has written rows that are gone with the table', async () => {
  const place = memoryPlace();
  const sink = open(place);
  await sink.emit(fire(1, null));
  await place.catalog.drop(TABLE);
  await expect(sink.emit(fire(2, 1))).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE', message: expect.stringContaining("no table 'db.t'") });
  await expect(sink.fence(generation(1))).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE' });
  expect(await place.catalog.load(TABLE)).toBeNull();
});

test('a table that is there stays as it is', async () => {
  const place = memoryPlace();
  await open(place).emit(fire(1, null));
  const { metadata } = await loadTable(place);
  await open(place).fence(generation(0));
  expect((await loadTable(place)).metadata['table-uuid']).toBe(metadata['table-uuid']);
});

test('a catalog that does not answer is a sink that cannot take rows now', async () => {
  const place = memoryPlace();
  const down: IcebergCatalog = { ...withCommit(place.catalog, (...commit) => place.catalog.commit(...commit)), load: () => Promise.reject(new StoreError('no', { message: 'down', hint: 'wait' })) };
  await expect(open({ ...place, catalog: down }).emit(fire(1, null))).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE', hint: 'wait', message: "cannot create the Iceberg table 'lake.db.t': down" });
});
