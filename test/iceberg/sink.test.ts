/** An Iceberg table takes each FIRE once, and says what is wrong where it cannot. */
import { describe, expect, test } from 'vitest';
import type { IcebergCatalog } from '../../lib/adapters/iceberg/catalog.ts';
import type { FileIO } from '../../lib/adapters/iceberg/file-io.ts';
import { jsonText } from '../../lib/adapters/iceberg/json.ts';
import { readManifestList } from '../../lib/adapters/iceberg/manifest-list.ts';
import { currentSnapshot, parseTableMetadata, type NestedField, type TableMetadata } from '../../lib/adapters/iceberg/metadata.ts';
import { scanTable } from '../../lib/adapters/iceberg/scan.ts';
import { IcebergSink } from '../../lib/adapters/iceberg/sink.ts';
import { StoreError } from '../../lib/core/errors.ts';
import { generation, wallTime } from '../../lib/core/numbers.ts';
import { sinkUnderFaults } from '../contracts/faults/sink.ts';
import { emission, sinkContract, sinkNode, type SinkWorld } from '../contracts/sink.ts';
import { writeRecords } from './avro.ts';
import { JOB } from './all-types.ts';
import { createTable, effects, field, loadTable, memoryPlace, openSink, runtime, servicePlace, TABLE, withCommit, type Place, type TableParts } from './world.ts';

const tables = (make: () => Place) => async (): Promise<SinkWorld> => {
  const place = make();
  await createTable(place, [field(1, 'v', 'string')]);
  return { open: async (job) => openSink(place, job, sinkNode('iceberg', {})), effects: () => effects(place) };
};

sinkContract('iceberg, hadoop', tables(memoryPlace));
sinkContract('iceberg, a catalog service', tables(servicePlace));
sinkUnderFaults('iceberg, a catalog service', tables(servicePlace));

const node = sinkNode('iceberg', {});
const DURABLE = { kind: 'durable' };

async function table(make: () => Place = memoryPlace, fields: readonly NestedField[] = [field(1, 'v', 'string')], parts: TableParts = {}): Promise<Place> {
  const place = make();
  await createTable(place, fields, parts);
  return place;
}

describe('commits', () => {
  /** Runs `meanwhile` once, right in front of the first commit. */
  const meeting = (place: Place, meanwhile: () => Promise<unknown>): Place => {
    let isFirst = true;
    const commit: IcebergCatalog['commit'] = async (...request) => {
      if (isFirst) {
        isFirst = false;
        await meanwhile();
      }
      return place.catalog.commit(...request);
    };
    return { ...place, catalog: withCommit(place.catalog, commit) };
  };

  test.each([memoryPlace, servicePlace])('X3: an emission that has loaded the table before the fence has no effect behind it (%#)', async (make) => {
    const place = await table(make);
    const young = openSink(place, JOB, node);
    const old = openSink(meeting(place, () => young.fence(generation(1))), JOB, node);
    expect(await old.emit(emission(0, 1, null, ['zombie']))).toEqual({ kind: 'fenced', by: 1 });
    expect(await effects(place)).toEqual([]);
  });

  test('a fence is a snapshot without files, and only where the generation is new', async () => {
    const place = await table();
    const sink = openSink(place, JOB, node);
    await sink.emit(emission(0, 1, null, ['a']));
    for (let n = 0; n < 3; n++) expect(await sink.fence(generation(2))).toEqual({ g: 0, f: 1 });
    const { snapshots, properties } = (await loadTable(place)).metadata;
    expect(snapshots.map(({ summary }) => [summary['sluice.fire'], summary['sluice.fence'], summary['total-records']])).toEqual([['0:1', undefined, '1'], [undefined, '2', '1']]);
    expect(properties).toMatchObject({ [`sluice.${JOB}.out.committed`]: '0:1', [`sluice.${JOB}.out.fence`]: '2' });
    expect(await effects(place)).toEqual(['a']);
  });

  test('X3: a table that was made anew is fenced before the next generation appends to it', async () => {
    const place = await table();
    const young = openSink(place, JOB, node);
    await young.fence(generation(1));
    await place.catalog.drop(TABLE);
    await createTable(place, [field(1, 'v', 'string')]);
    const old = openSink(meeting(place, () => young.emit(emission(1, 3, 2, ['b']))), JOB, node);
    expect(await old.emit(emission(0, 2, 1, ['zombie']))).toEqual({ kind: 'fenced', by: 1 });
    expect((await loadTable(place)).metadata.snapshots.map(({ summary }) => [summary['sluice.fence'], summary['sluice.fire']])).toEqual([['1', undefined], [undefined, '1:3']]);
    expect(await effects(place)).toEqual(['b']);
  });

  test('a conflict keeps the files that are written, and lists them once', async () => {
    const place = await table(servicePlace);
    const other = openSink(place, JOB, { ...node, uid: sinkNode('iceberg', {}).input });
    const asked: string[] = [];
    const io = { at: (location: string) => ({ ...place.io.at(location), blob: counted(place.io.at(location).blob, asked) }) };
    const sink = openSink({ ...meeting(place, () => other.emit(emission(0, 1, null, ['other']))), io }, JOB, node);
    expect(await sink.emit(emission(0, 1, null, ['a']))).toEqual(DURABLE);
    expect(asked).toEqual(['put', 'put', 'put', 'get', 'put']);
    expect(await effects(place)).toEqual(['other', 'a']);
    expect((await loadTable(place)).metadata.snapshots.map(({ summary }) => summary['total-records'])).toEqual(['1', '2']);
  });

  describe('an emission that failed is repeated', () => {
    const isData = (location: string): boolean => location.endsWith('.parquet');

    /** A sink whose catalog takes nothing until it is told to, and the data files that were written; its clock shows `hours`. */
    async function refusing() {
      const place = await table();
      const world = { place, isDown: true, written: [] as string[], hours: 0 };
      const commit: IcebergCatalog['commit'] = (...request) => (world.isDown ? Promise.reject(new StoreError('no', { message: 'down' })) : place.catalog.commit(...request));
      const at: FileIO['at'] = (location) => {
        if (isData(location)) world.written.push(location);
        return place.io.at(location);
      };
      const clock = { ...runtime, now: () => wallTime(world.hours * 3_600_000) };
      const sink = new IcebergSink({ job: JOB, node, id: TABLE, catalog: withCommit(place.catalog, commit), io: { at }, runtime: clock });
      const fail = (f: number, rows: readonly string[]) => expect(sink.emit(emission(0, f, f === 1 ? null : f - 1, rows))).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE' });
      return { world, sink, fail };
    }

    test('with the files that it has written', async () => {
      const { world, sink, fail } = await refusing();
      await fail(1, ['a', 'b']);
      await fail(1, ['a', 'b']);
      world.isDown = false;
      expect(await sink.emit(emission(0, 1, null, ['a', 'b']))).toEqual(DURABLE);
      expect(world.written).toHaveLength(1);
      expect(await sink.emit(emission(0, 2, 1, ['a', 'b']))).toEqual(DURABLE);
      expect(world.written).toHaveLength(2);
      expect(await effects(world.place)).toEqual(['a', 'b', 'a', 'b']);
    });

    test('never with those of other rows', async () => {
      const { world, sink, fail } = await refusing();
      await fail(1, ['a']);
      world.isDown = false;
      expect(await sink.emit(emission(0, 1, null, ['other']))).toEqual(DURABLE);
      expect(await effects(world.place)).toEqual(['other']);
    });

    test('nor with those that maintenance may remove by now', async () => {
      const { world, sink, fail } = await refusing();
      await fail(1, ['a']);
      world.hours = 25;
      world.isDown = false;
      expect(await sink.emit(emission(0, 1, null, ['a']))).toEqual(DURABLE);
      expect(world.written).toHaveLength(2);
      expect(await effects(world.place)).toEqual(['a']);
    });
  });

  test.each(['no', 'maybe'] as const)('an answer that was lost is read back, whether the commit happened (%s) or not', async (happened) => {
    const place = await table();
    let count = 0;
    const commit: IcebergCatalog['commit'] = async (...request) => {
      if (count++ > 0) return place.catalog.commit(...request);
      if (happened === 'maybe') await place.catalog.commit(...request);
      throw new StoreError('maybe', { message: 'no answer' });
    };
    const sink = openSink({ ...place, catalog: withCommit(place.catalog, commit) }, JOB, node);
    expect(await sink.emit(emission(0, 1, null, ['a']))).toEqual(DURABLE);
    expect(count).toBe(happened === 'maybe' ? 1 : 2);
    expect(await effects(place)).toEqual(['a']);
  });

  test('the files of a commit: data, manifest and manifest list, and the list before it', async () => {
    const place = await table();
    const asked: string[] = [];
    const io = { at: (location: string) => ({ ...place.io.at(location), blob: counted(place.io.at(location).blob, asked) }) };
    const sink = openSink({ ...place, io }, JOB, node);
    for (let f = 1; f <= 3; f++) {
      asked.length = 0;
      await sink.emit(emission(0, f, f === 1 ? null : f - 1, ['a']));
      expect(asked).toEqual(['put', 'put', ...(f === 1 ? [] : ['get']), 'put']);
    }
  });

  test('manifests of another writer are carried over: compressed, its fields in another order and under their old names', async () => {
    const counts = { added_data_files_count: 1, existing_data_files_count: 2, deleted_data_files_count: 3, added_rows_count: 4, existing_rows_count: 5, deleted_rows_count: 6 };
    const record = { manifest_path: 'file:///m.avro', manifest_length: 4711, partition_spec_id: 0, added_snapshot_id: 7, ...counts };
    const long = (name: string, id: number) => ({ name, type: 'long', 'field-id': id });
    const int = (name: string, id: number) => ({ name, type: 'int', 'field-id': id });
    const fields = [
      int('added_data_files_count', 504),
      int('existing_data_files_count', 505),
      int('deleted_data_files_count', 506),
      { name: 'manifest_path', type: 'string', 'field-id': 500 },
      long('manifest_length', 501),
      int('partition_spec_id', 502),
      long('added_snapshot_id', 503),
      long('added_rows_count', 512),
      long('existing_rows_count', 513),
      long('deleted_rows_count', 514),
    ];
    const bytes = await writeRecords({ type: 'record', name: 'manifest_file', fields }, [record, record], 'deflate');
    const carried = readManifestList(bytes, 'a list');
    expect(carried).toHaveLength(2);
    expect(carried[1]).toEqual({
      manifest_path: 'file:///m.avro',
      manifest_length: 4711n,
      partition_spec_id: 0,
      content: 0,
      sequence_number: 0,
      min_sequence_number: 0,
      added_snapshot_id: 7n,
      added_files_count: 1,
      existing_files_count: 2,
      deleted_files_count: 3,
      added_rows_count: 4n,
      existing_rows_count: 5n,
      deleted_rows_count: 6n,
      partitions: null,
      key_metadata: null,
    });
    expect(() => readManifestList(bytes.subarray(0, -20), 'a list')).toThrow('a list is no Avro file that can be read');
  });
});

/** The blob, its calls noted by their names. */
const counted = <Port extends object>(port: Port, calls: string[]): Port =>
  new Proxy(port, {
    get: (target, member) => {
      const value: unknown = Reflect.get(target, member, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        calls.push(String(member));
        return Reflect.apply(value, target, args);
      };
    },
  });

describe('a table that does not take rows is SINK_UNAVAILABLE, and says why', () => {
  const MEND = 'Give the table that column again';
  const ALTERED: readonly (readonly [string, readonly NestedField[], TableParts, string, string])[] = [
    ['a column is gone', [field(1, 'w', 'string')], {}, "has no column 'v', which the job writes as STRING (string); it has w", MEND],
    ['a column has another type', [field(1, 'v', 'long')], {}, "has the column 'v' of type long, but the job writes STRING (string)", MEND],
    ['a column is nested', [field(1, 'v', { type: 'list', 'element-id': 2, 'element-required': false, element: 'string' })], {}, "has the column 'v' of type list<…>, but the job writes STRING (string)", MEND],
    ['a column is required', [field(1, 'v', 'string', true)], {}, "requires values in column 'v', but the job may write NULL", MEND],
    ['another column is required', [field(1, 'v', 'string'), field(2, 'w', 'int', true)], {}, "requires the column 'w', which the job does not write", MEND],
    ['it is an upsert table', [field(1, 'v', 'string')], { properties: { 'write.upsert.enabled': 'true' } }, "is an upsert table ('write.upsert.enabled'), which Sluice cannot write", 'only appended'],
    [
      'a transform is unknown',
      [field(1, 'v', 'string')],
      { partitions: [{ 'source-id': 1, 'field-id': 1000, name: 'z', transform: 'zorder' }] },
      'is partitioned by zorder of column 1, which Sluice cannot compute',
      'Change its partition spec',
    ],
  ];
  test.each(ALTERED)('%s', async (_, fields, parts, message, hint) => {
    const place = await table(memoryPlace, fields, parts);
    const refused = { code: 'SINK_UNAVAILABLE', message: `Iceberg table 'c.d.t' ${message}`, hint: expect.stringContaining(hint) };
    await expect(openSink(place, JOB, node).emit(emission(0, 1, null, ['a']))).rejects.toMatchObject(refused);
    expect((await loadTable(place)).metadata.snapshots).toEqual([]);
  });

  test('it was dropped; when it is there again, the same emission goes on', async () => {
    const place = await table();
    const sink = openSink(place, JOB, node);
    await sink.emit(emission(0, 1, null, ['a']));
    await place.catalog.drop(TABLE);
    const refused = { code: 'SINK_UNAVAILABLE', message: "cannot write the Iceberg table 'c.d.t': the catalog has no table 'db.t'", hint: expect.stringContaining('create it again') };
    await expect(sink.emit(emission(0, 2, 1, ['b']))).rejects.toMatchObject(refused);
    await createTable(place, [field(1, 'v', 'string')]);
    expect(await sink.emit(emission(0, 2, 1, ['b']))).toEqual(DURABLE);
    expect(await effects(place)).toEqual(['b']);
  });

  const withMetadata = (place: Place, change: (metadata: TableMetadata) => TableMetadata): Place => {
    const load: IcebergCatalog['load'] = async (id) => {
      const loaded = await place.catalog.load(id);
      return loaded && { ...loaded, metadata: change(loaded.metadata) };
    };
    return { ...place, catalog: { ...withCommit(place.catalog, (...request) => place.catalog.commit(...request)), load } };
  };
  const HEADLESS: readonly (readonly [string, (metadata: TableMetadata) => TableMetadata])[] = [
    ['the current snapshot is not among the snapshots', (metadata) => ({ ...metadata, snapshots: [] })],
    ['the current snapshot has manifests of format version 1', (metadata) => parseTableMetadata(jsonText(metadata).replaceAll(/"manifest-list":("[^"]*")/g, '"manifests":[$1]'), 'it')],
  ];
  test.each(HEADLESS)('%s: the table is not taken for an empty one', async (_, change) => {
    const place = await table();
    await openSink(place, JOB, node).emit(emission(0, 1, null, ['a']));
    const broken = withMetadata(place, change);
    const refused = { message: expect.stringContaining('has no manifest list for its current snapshot') };
    const sink = openSink(broken, JOB, node);
    await expect(sink.emit(emission(0, 2, 1, ['b']))).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE', ...refused });
    await expect(sink.fence(generation(1))).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE', ...refused });
    await expect(scanTable(place.io, (await loadTable(broken)).metadata, 'db.t')).rejects.toMatchObject({ code: 'STORE_CORRUPT', ...refused });
    expect(await effects(place)).toEqual(['a']);
  });

  test('the manifest list of its current snapshot is gone; when it is there again, the same emission goes on', async () => {
    const place = await table();
    const sink = openSink(place, JOB, node);
    await sink.emit(emission(0, 1, null, ['a']));
    const head = currentSnapshot((await loadTable(place)).metadata);
    if (head === undefined) throw new Error('no snapshot');
    const { blob, key } = place.io.at(head['manifest-list']);
    const bytes = await blob.get(key);
    await blob.remove(key);
    const refused = { code: 'SINK_UNAVAILABLE', message: expect.stringContaining(`the manifest list of snapshot ${head['snapshot-id']} is gone`) };
    await expect(sink.emit(emission(0, 2, 1, ['b']))).rejects.toMatchObject(refused);
    if (bytes !== null) await blob.put(key, bytes);
    expect(await sink.emit(emission(0, 2, 1, ['b']))).toEqual(DURABLE);
    expect(await effects(place)).toEqual(['a', 'b']);
  });

  test('the catalog is down', async () => {
    const place = await table();
    const down = { ...withCommit(place.catalog, place.catalog.commit), load: () => Promise.reject(new StoreError('no', { message: 'connect ECONNREFUSED', hint: 'start it' })) };
    const refused = { code: 'SINK_UNAVAILABLE', message: "cannot write the Iceberg table 'c.d.t': connect ECONNREFUSED", hint: 'start it', cause: { code: 'STORE_FAILED' } };
    await expect(openSink({ ...place, catalog: down }, JOB, node).emit(emission(0, 1, null, ['a']))).rejects.toMatchObject(refused);
    await expect(openSink({ ...place, catalog: down }, JOB, node).fence(generation(1))).rejects.toMatchObject(refused);
  });

  test('others commit all the time: after a dozen attempts, none of them without an end', async () => {
    const place = await table();
    let count = 0;
    const commit: IcebergCatalog['commit'] = async () => {
      count++;
      return { kind: 'conflict' };
    };
    const sink = openSink({ ...place, catalog: withCommit(place.catalog, commit) }, JOB, node);
    await expect(sink.emit(emission(0, 1, null, ['a']))).rejects.toMatchObject({ code: 'SINK_UNAVAILABLE', message: expect.stringContaining('no commit in 12 attempts: others are committing') });
    expect(count).toBe(12);
  });

  test('its position was put back from outside; when it is right again, the same emission goes on', async () => {
    const place = await table();
    const sink = openSink(place, JOB, node);
    await sink.emit(emission(0, 1, null, ['a']));
    await sink.emit(emission(0, 2, 1, ['b']));
    const setPosition = async (at: string): Promise<void> => {
      await place.catalog.commit(TABLE, await loadTable(place), [], [{ action: 'set-properties', updates: { [`sluice.${JOB}.out.committed`]: at } }]);
    };
    await setPosition('0:1');
    const refused = {
      code: 'SINK_UNAVAILABLE',
      message: "cannot write the Iceberg table 'c.d.t': emission 0:3 follows 0:2, but the table is at 0:1 (X2)",
      hint: expect.stringContaining('register the newest metadata file'),
    };
    await expect(sink.emit(emission(0, 3, 2, ['c']))).rejects.toMatchObject(refused);
    await setPosition('0:2');
    expect(await sink.emit(emission(0, 3, 2, ['c']))).toEqual(DURABLE);
    expect(await effects(place)).toEqual(['a', 'b', 'c']);
  });

  test('its position is none of Sluice', async () => {
    const place = await table(memoryPlace, [field(1, 'v', 'string')], { properties: { [`sluice.${JOB}.out.committed`]: '0:x' } });
    const refused = { code: 'SINK_UNAVAILABLE', message: expect.stringContaining(`'sluice.${JOB}.out.committed' is '0:x'`) };
    await expect(openSink(place, JOB, node).emit(emission(0, 1, null, ['a']))).rejects.toMatchObject(refused);
  });
});
