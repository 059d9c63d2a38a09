/**
 * The Iceberg sink against Apache Iceberg's REST catalog, and its tables as PyIceberg reads them: the laws of sinks; every type, with statistics;
 * and 200 FIREs of two processes that are killed at random, while PyIceberg appends to the same table and expires its snapshots.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { fireNumber, generation } from '../../lib/core/numbers.ts';
import { openIceberg } from '../../lib/place/iceberg.ts';
import { sinkContract, sinkNode, type SinkWorld } from '../contracts/sink.ts';
import { COLUMNS, FIELDS, JOB, nodeOf, ROWS } from '../iceberg/all-types.ts';
import { createTable, effects, field, loadTable, openSink, TABLE, type Place } from '../iceberg/world.ts';
import { startIcebergRest, type RunningCatalog } from '../services/iceberg-rest.ts';
import { pyIceberg } from '../services/pyiceberg.ts';
import { Prng } from '../simulation/prng.ts';
import { ALL_VALUES, FIRES, hasRows } from './iceberg/fires.ts';

const FIRER = new URL('iceberg/firer.ts', import.meta.url).pathname;

let dir = '';
let rest: RunningCatalog;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-iceberg-sink-'));
  rest = await startIcebergRest({ dir: join(dir, 'rest'), warehouse: join(dir, 'warehouse'), kind: 'jdbc' });
}, 300_000);
afterAll(async () => {
  await rest.stop();
  rmSync(dir, { recursive: true, force: true });
});

type Options = Readonly<Record<string, string>>;

const restOptions = (): Options => ({ 'catalog-type': 'rest', uri: rest.uri });
const hadoopOptions = (): Options => ({ 'catalog-type': 'hadoop', warehouse: mkdtempSync(join(dir, 'hadoop-')) });
const placeOf = (options: Options): Place => openIceberg(options, nodeRuntime);

/** The table is dropped behind the test. */
async function table(options: Options, ...[fields, parts]: Parameters<typeof createTable> extends [Place, ...infer Rest] ? Rest : never): Promise<Place> {
  const place = placeOf(options);
  await createTable(place, fields, parts);
  onTestFinished(() => place.catalog.drop(TABLE));
  return place;
}

sinkContract('Apache Iceberg, REST', async (): Promise<SinkWorld> => {
  const place = await table(restOptions(), [field(1, 'v', 'string')]);
  return { open: async (job) => openSink(place, job, sinkNode('iceberg', {})), effects: () => effects(place) };
});

/** How PyIceberg opens the table: by its catalog, or by its newest metadata file. */
const OPEN = `
import json, sys
from pyiceberg.catalog import load_catalog
from pyiceberg.table import StaticTable
def open_table(place):
    return load_catalog("c", type="rest", uri=place).load_table("db.t") if place.startswith("http") else StaticTable.from_metadata(place)
table = open_table(sys.argv[1])
`;

const TYPES = `${OPEN}
from pyiceberg.conversions import from_bytes
file = next(f for m in table.current_snapshot().manifests(table.io) for f in m.fetch_manifest_entry(table.io)).data_file
def bound(bounds, field):
    raw = bounds.get(field.field_id)
    return None if raw is None else repr(from_bytes(field.field_type, raw))
columns = table.scan().to_arrow()
print(json.dumps([[f.name, str(f.field_type), [repr(v) for v in columns[f.name].to_pylist()], file.value_counts.get(f.field_id), file.null_value_counts.get(f.field_id),
    bound(file.lower_bounds, f), bound(file.upper_bounds, f)] for f in table.schema().fields]))`;

type TypeRow = readonly [name: string, type: string, values: readonly string[], count: number | null, nulls: number | null, lower: string | null, upper: string | null];

test.each(['rest', 'hadoop'])('every type comes out of PyIceberg as it went in, with its statistics (%s)', async (kind) => {
  const place = await table(kind === 'rest' ? restOptions() : hadoopOptions(), FIELDS);
  await openSink(place, JOB, nodeOf(COLUMNS)).emit({ g: generation(0), f: fireNumber(1), pf: null, rows: ROWS });
  const at = kind === 'rest' ? rest.uri : (await loadTable(place)).location;
  const rows = await pyIceberg<TypeRow[]>(TYPES, at);
  const longText = "'ä€😀 \"quoted\", and longer than sixteen'";
  const utc = "tzinfo=zoneinfo.ZoneInfo(key='UTC')";
  // PyIceberg leaves the bounds of UUIDs as bytes.
  const bytesText = (byte: string): string => `b'${byte.repeat(16)}'`;
  const expected: [string, string, string, string, string?, string?][] = [
    ['a_boolean', 'boolean', 'True', 'False', 'False', 'True'],
    ['a_tinyint', 'int', '-128', '127'],
    ['an_int', 'int', '-2147483648', '2147483647'],
    ['a_promoted', 'long', '-1', '2147483647'],
    ['a_bigint', 'long', '-9223372036854775808', '9223372036854775807'],
    ['a_float', 'float', '-0.5', '3.25'],
    ['a_double', 'double', '-1e+300', '0.1'],
    ['a_decimal5', 'decimal(5, 2)', "Decimal('-999.99')", "Decimal('123.45')"],
    ['a_decimal18', 'decimal(18, 4)', "Decimal('-99999999999999.9999')", "Decimal('99999999999999.9999')"],
    ['a_decimal38', 'decimal(38, 10)', "Decimal('-9999999999999999999999999999.9999999999')", "Decimal('1E-10')"],
    ['a_date', 'date', 'datetime.date(1969, 12, 31)', 'datetime.date(2022, 1, 8)', '-1', '19000'],
    ['a_time', 'time', 'datetime.time(0, 0)', 'datetime.time(23, 59, 59, 999000)', '0', '86399999000'],
    ['a_timestamp3', 'timestamp', 'datetime.datetime(1969, 12, 31, 23, 59, 59, 999000)', 'datetime.datetime(2023, 11, 14, 22, 13, 20, 123000)', '-1000', '1700000000123000'],
    ['a_timestamp6', 'timestamp', 'datetime.datetime(1969, 12, 31, 23, 59, 59, 999999)', 'datetime.datetime(2023, 11, 14, 22, 13, 20, 123456)', '-1', '1700000000123456'],
    ['an_ltz', 'timestamptz', `datetime.datetime(1969, 12, 31, 23, 59, 59, 999999, ${utc})`, `datetime.datetime(2023, 11, 14, 22, 13, 20, 123456, ${utc})`, '-1', '1700000000123456'],
    ['a_string', 'string', "''", longText, "''", "'ä€😀 \"quoted\", ao'"],
    ['a_fixed', 'fixed[3]', "b'\\x00\\x01\\x02'", "b'\\xff\\xff\\xff'"],
    ['a_uuid', 'uuid', "UUID('00000000-0000-0000-0000-000000000000')", "UUID('ffffffff-ffff-ffff-ffff-ffffffffffff')", bytesText('\\x00'), bytesText('\\xff')],
    ['some_bytes', 'binary', "b''", "b'\\x00\\xff'"],
  ];
  expect(rows).toEqual([
    ...expected.map(([name, type, first, second, lower = first, upper = second]) => [name, type, [first, second, 'None'], 3, 1, lower, upper]),
    ['not_written', 'string', ['None', 'None', 'None'], null, null, null, null],
  ]);
});

const PRUNED = `${OPEN}
from datetime import datetime
filters = ["k == 'a'", "k == 'zz'", "n > 900", "n > 5000", "t >= '2023-11-14T23:00:00'", "k is null"]
print(json.dumps([[f, len(list(table.scan(row_filter=f).plan_files())), table.scan(row_filter=f).to_arrow().num_rows] for f in filters]))`;

test('PyIceberg finds the files of a partition, and leaves out those whose bounds say so', async () => {
  const fields = [field(1, 'k', 'string'), field(2, 'n', 'long'), field(3, 't', 'timestamp')];
  const partitions = [
    { 'source-id': 1, 'field-id': 1000, name: 'k', transform: 'identity' },
    { 'source-id': 3, 'field-id': 1001, name: 't_hour', transform: 'hour' },
  ];
  const place = await table(restOptions(), fields, { partitions });
  const columns = [
    { name: 'k', type: { kind: 'VARCHAR', length: 10 }, nullable: true },
    { name: 'n', type: { kind: 'BIGINT' }, nullable: true },
    { name: 't', type: { kind: 'TIMESTAMP', precision: 3 }, nullable: true },
  ] as const;
  const start = Date.parse('2023-11-14T22:00:00Z');
  const rows = Array.from({ length: 1000 }, (_, i) => [i === 0 ? null : 'abc'.charAt(i % 3), BigInt(i), start + (i < 500 ? 0 : 3_600_000)] as const);
  await openSink(place, JOB, nodeOf(columns)).emit({ g: generation(0), f: fireNumber(1), pf: null, rows });
  expect(await pyIceberg(PRUNED, rest.uri)).toEqual([
    ["k == 'a'", 2, 333],
    ["k == 'zz'", 0, 0],
    ['n > 900', 3, 99],
    ['n > 5000', 0, 0],
    ["t >= '2023-11-14T23:00:00'", 3, 500],
    ['k is null', 1, 1],
  ]);
});

const SEEN = `${OPEN}
print(json.dumps({"values": [row["v"] for row in table.scan().to_arrow().to_pylist()], "fires": [s.summary.additional_properties.get("sluice.fire") for s in table.snapshots()]}))`;

interface Seen {
  readonly values: readonly string[];
  readonly fires: readonly (string | null)[];
}

/** A directory for the FIREs that are acknowledged. */
const acksIn = (parent: string): string => mkdtempSync(join(parent, 'acks-'));

/** Two firers, each killed at random and started again, until all FIREs are acknowledged. Returns how often one was killed. */
async function fireUnderKills(options: Options, acks: string): Promise<number> {
  const [first, second] = await Promise.all([keepFiring(options, acks, new Prng(7)), keepFiring(options, acks, new Prng(8))]);
  return first + second;
}

const RESTARTS_MAX = 500;

async function keepFiring(options: Options, acks: string, prng: Prng): Promise<number> {
  for (let kills = 0; kills < RESTARTS_MAX; kills++) {
    const child = spawn(process.execPath, [FIRER, JSON.stringify(options), acks], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    await Promise.race([once(child.stdout, 'data'), ended]);
    await Promise.race([progressOf(acks, 5 + prng.below(35)), ended]);
    await Promise.race([nodeRuntime.sleep(prng.below(30)), ended]);
    const code = await endOf(child, ended);
    if (code === 0) return kills;
    if (code !== null) throw new Error(`a firer ended with ${code}`);
  }
  throw new Error('the firers never came to an end');
}

/** By FIREs, not by time: a machine that is fast has as many kills. */
async function progressOf(acks: string, fires: number): Promise<void> {
  const until = Math.min(FIRES, readdirSync(acks).length + fires);
  while (readdirSync(acks).length < until) await nodeRuntime.sleep(10);
}

/** null: it was killed. */
async function endOf(child: ChildProcess, ended: Promise<unknown>): Promise<number | null> {
  child.kill('SIGKILL');
  await ended;
  return child.exitCode;
}

test('200 FIREs of two processes that are killed at random: each with rows is one snapshot', { timeout: 600_000 }, async () => {
  const options = hadoopOptions();
  const place = await table(options, [field(1, 'v', 'string')]);
  const kills = await fireUnderKills(options, acksIn(dir));
  const { values, fires } = await pyIceberg<Seen>(SEEN, (await loadTable(place)).location);
  expect(values.toSorted()).toEqual(ALL_VALUES.toSorted());
  expect(fires).toEqual(Array.from({ length: FIRES }, (_, i) => i + 1).filter(hasRows).map((f) => `0:${f}`));
  expect(await effects(place)).toEqual(ALL_VALUES);
  expect(kills).toBeGreaterThan(3);
});

/** Appends three rows, and keeps the newest five snapshots. */
const FOREIGN = `${OPEN}
import pyarrow as pa
for n in range(3):
    table.refresh()
    table.append(pa.table({"v": [f"other{sys.argv[2]}-{n}"]}, schema=pa.schema([pa.field("v", pa.string())])))
old = [s.snapshot_id for s in table.refresh().snapshots()[:-5]]
if old:
    table.maintenance.expire_snapshots().by_ids(old).commit()
print(json.dumps(len(old)))`;

/** PyIceberg gives up after four conflicts in a row; a row of it may then be missing, never twice. The last two rounds meet nobody. */
async function foreigner(acks: string): Promise<number> {
  let expired = 0;
  for (let n = 0, alone = 0; alone < 2; n++, alone += readdirSync(acks).length < FIRES ? 0 : 1) expired += await pyIceberg<number>(FOREIGN, rest.uri, String(n)).catch(() => 0);
  return expired;
}

test('200 FIREs through a catalog service under kills, while PyIceberg appends to the table and expires its snapshots', { timeout: 600_000 }, async () => {
  const place = await table(restOptions(), [field(1, 'v', 'string')]);
  const acks = acksIn(dir);
  const [kills, expired] = await Promise.all([fireUnderKills(restOptions(), acks), foreigner(acks)]);
  const { values } = await pyIceberg<Seen>(SEEN, rest.uri);
  const others = values.filter((value) => value.startsWith('other'));
  expect(values.filter((value) => !value.startsWith('other')).toSorted()).toEqual(ALL_VALUES.toSorted());
  expect(new Set(others).size).toBe(others.length);
  expect((await effects(place)).filter((value) => !value.startsWith('other'))).toEqual(ALL_VALUES);
  expect(others.length).toBeGreaterThan(5);
  expect(expired).toBeGreaterThan(50);
  expect(kills).toBeGreaterThan(3);
});
