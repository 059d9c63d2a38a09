/** The laws of `IcebergCatalog`. */
import { expect } from 'vitest';
import type { IcebergCatalog, LoadedTable, NewTable } from '../../lib/adapters/iceberg/catalog.ts';
import type { Snapshot, TableRequirement, TableUpdate } from '../../lib/adapters/iceberg/metadata.ts';
import { opened, race, suite, type Gaps, type Make, type TwoHandles } from './suite.ts';

export const NEW_TABLE: NewTable = {
  schema: {
    type: 'struct',
    'schema-id': 0,
    fields: [
      { id: 1, name: 'event_type', required: false, type: 'string' },
      { id: 2, name: 'event_count', required: true, type: 'long', doc: 'how many' },
    ],
  },
  spec: { 'spec-id': 0, fields: [{ 'source-id': 1, 'field-id': 1000, name: 'event_type', transform: 'identity' }] },
  properties: { 'write.format.default': 'parquet' },
};

const ID = { namespace: 'demo', name: 'savepoint_test' };
/** Beyond what a double holds exactly, as the ids of other writers are. */
const BIG = 8_999_999_999_999_999_999n;

const snapshotOn = ({ metadata }: LoadedTable, id: bigint): Snapshot => ({
  'snapshot-id': id,
  ...(metadata['current-snapshot-id'] === null ? {} : { 'parent-snapshot-id': metadata['current-snapshot-id'] }),
  'sequence-number': metadata['last-sequence-number'] + 1,
  'timestamp-ms': metadata['last-updated-ms'] + 1,
  'manifest-list': `${metadata.location}/metadata/snap-${id}.avro`,
  summary: { operation: 'append', 'total-records': '1' },
  'schema-id': 0,
});

export const appending = (base: LoadedTable, id: bigint): { requirements: TableRequirement[]; updates: TableUpdate[] } => ({
  requirements: [
    { type: 'assert-table-uuid', uuid: base.metadata['table-uuid'] },
    { type: 'assert-ref-snapshot-id', ref: 'main', 'snapshot-id': base.metadata['current-snapshot-id'] },
  ],
  updates: [
    { action: 'add-snapshot', snapshot: snapshotOn(base, id) },
    { action: 'set-snapshot-ref', 'ref-name': 'main', type: 'branch', 'snapshot-id': id },
    { action: 'set-properties', updates: { 'sluice.a.b.committed': String(id) } },
  ],
});

async function createdIn(catalog: IcebergCatalog): Promise<LoadedTable> {
  await catalog.createNamespace(ID.namespace, {});
  const made = await catalog.create(ID, NEW_TABLE);
  if (made.kind !== 'created') throw new Error('the table was there already');
  return made.table;
}

async function append(catalog: IcebergCatalog, base: LoadedTable, id: bigint): Promise<string> {
  const { requirements, updates } = appending(base, id);
  return (await catalog.commit(ID, base, requirements, updates)).kind;
}

async function loaded(catalog: IcebergCatalog): Promise<LoadedTable> {
  const table = await catalog.load(ID);
  if (table === null) throw new Error('the table is gone');
  return table;
}

export function icebergCatalogContract(name: string, make: Make<TwoHandles<IcebergCatalog>>, gaps: Gaps = {}): void {
  suite(`IcebergCatalog: ${name}`, gaps, (law) => {
    law('namespaces are made, listed and dropped', async () => {
      const { first, second } = await opened(make);
      expect(await first.createNamespace('b', {})).toBe('created');
      expect(await first.createNamespace('a', {})).toBe('created');
      expect(await second.createNamespace('a', {})).toBe('exists');
      expect(await second.namespaces()).toEqual(['a', 'b']);
      expect(await second.dropNamespace('a')).toBe('dropped');
      expect(await first.dropNamespace('a')).toBe('absent');
      expect(await first.namespaces()).toEqual(['b']);
    });

    law('what is not there is null, empty, or dropped already', async () => {
      const { first } = await opened(make);
      expect(await first.load(ID)).toBeNull();
      expect(await first.tables('nowhere')).toEqual([]);
      await first.createNamespace('demo', {});
      expect(await first.load(ID)).toBeNull();
      await first.drop(ID);
    });

    law('a new table is what was asked for, through any handle', async () => {
      const { first, second } = await opened(make);
      const { metadata } = await createdIn(first);
      expect(metadata).toMatchObject({ 'format-version': 2, 'current-snapshot-id': null, snapshots: [], refs: {}, 'last-column-id': 2, 'last-partition-id': 1000 });
      expect(metadata.schemas[0]?.fields).toEqual(NEW_TABLE.schema.fields);
      expect(metadata['partition-specs'][0]?.fields).toEqual(NEW_TABLE.spec.fields);
      expect(metadata.properties).toMatchObject(NEW_TABLE.properties);
      expect((await loaded(second)).metadata).toEqual(metadata);
      expect(await second.create(ID, NEW_TABLE)).toEqual({ kind: 'exists' });
      expect(await second.tables('demo')).toEqual(['savepoint_test']);
    });

    law('1: a commit takes effect as a whole; ids keep all their digits', async () => {
      const { first, second } = await opened(make);
      const base = await createdIn(first);
      expect(await append(first, base, BIG)).toBe('committed');
      const one = await loaded(second);
      expect(one.metadata).toMatchObject({ 'current-snapshot-id': BIG, 'last-sequence-number': 1, refs: { main: { 'snapshot-id': BIG, type: 'branch' } } });
      expect(one.metadata.properties).toMatchObject({ 'write.format.default': 'parquet', 'sluice.a.b.committed': String(BIG) });
      expect(one.metadata.snapshots[0]).toMatchObject({ 'snapshot-id': BIG, 'sequence-number': 1, summary: { operation: 'append', 'total-records': '1' } });
      expect(one.metadata['snapshot-log'].map((each) => each['snapshot-id'])).toEqual([BIG]);
      expect(await append(second, one, 7n)).toBe('committed');
      expect((await loaded(first)).metadata.snapshots.map((each) => [each['snapshot-id'], each['parent-snapshot-id']])).toEqual([[BIG, undefined], [7n, BIG]]);
    });

    law('1: a commit on an old base is a conflict, and changes nothing', async () => {
      const { first, second } = await opened(make);
      const base = await createdIn(first);
      expect(await append(first, base, 1n)).toBe('committed');
      expect(await append(second, base, 2n)).toBe('conflict');
      expect((await loaded(second)).metadata.snapshots.map((each) => each['snapshot-id'])).toEqual([1n]);
    });

    law('1: a commit to another branch in between is a conflict, too: sequence numbers are one for all', async () => {
      const { first, second } = await opened(make);
      await append(first, await createdIn(first), 1n);
      const base = await loaded(first);
      const { requirements, updates } = appending(base, 2n);
      const onAudit = updates.map((update) => (update.action === 'set-snapshot-ref' ? { ...update, 'ref-name': 'audit' } : update));
      expect((await second.commit(ID, base, requirements, onAudit)).kind).toBe('committed');
      expect(await append(first, base, 3n)).toBe('conflict');
      expect(await append(first, await loaded(first), 3n)).toBe('committed');
      expect((await loaded(second)).metadata.refs).toMatchObject({ audit: { 'snapshot-id': 2n }, main: { 'snapshot-id': 3n } });
    });

    law('1: of 8 concurrent commits on one base exactly one wins', async () => {
      const { first, second } = await opened(make);
      const base = await createdIn(first);
      const results = await race(8, (i) => append(i % 2 ? first : second, base, BigInt(i + 1)));
      expect(results.filter((kind) => kind === 'committed')).toHaveLength(1);
      expect((await loaded(first)).metadata.snapshots).toHaveLength(1);
    });

    law('1: a requirement that does not hold is a conflict', async () => {
      const { first } = await opened(make);
      const base = await createdIn(first);
      const update: TableUpdate = { action: 'set-properties', updates: { k: 'v' } };
      const other: TableRequirement = { type: 'assert-table-uuid', uuid: '00000000-0000-4000-8000-000000000000' };
      expect(await first.commit(ID, base, [other], [update])).toEqual({ kind: 'conflict' });
      expect((await loaded(first)).metadata.properties['k']).toBeUndefined();
    });

    law('properties are set and removed', async () => {
      const { first, second } = await opened(make);
      const base = await createdIn(first);
      const uuid: TableRequirement = { type: 'assert-table-uuid', uuid: base.metadata['table-uuid'] };
      const set = await first.commit(ID, base, [uuid], [{ action: 'set-properties', updates: { a: '1', b: '2' } }]);
      expect(set).toMatchObject({ kind: 'committed', table: { metadata: { properties: { a: '1', b: '2' } } } });
      await second.commit(ID, await loaded(second), [uuid], [{ action: 'remove-properties', removals: ['a', 'never'] }]);
      const { properties } = (await loaded(first)).metadata;
      expect([properties['a'], properties['b']]).toEqual([undefined, '2']);
    });

    law('a dropped table is gone, and a commit on it is a conflict', async () => {
      const { first, second } = await opened(make);
      const base = await createdIn(first);
      expect(await first.dropNamespace('demo')).toBe('not-empty');
      await first.drop(ID);
      expect(await second.load(ID)).toBeNull();
      expect(await second.tables('demo')).toEqual([]);
      expect(await append(second, base, 1n)).toBe('conflict');
      expect(await second.load(ID)).toBeNull();
      expect(await first.dropNamespace('demo')).toBe('dropped');
    });
  });
}
