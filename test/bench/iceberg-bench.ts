/** `node iceberg-bench.ts ROWS CHARS DIRECTORY`: FIREs of so many rows into an Iceberg table in a directory; the text of a row is made longer by CHARS. */
import { randomBytes } from 'node:crypto';
import { HadoopCatalog } from '../../lib/adapters/iceberg/hadoop-catalog.ts';
import { fireNumber, generation } from '../../lib/core/numbers.ts';
import { BIGINT, STRING, TIMESTAMP3, type Column, type Row } from '../../lib/core/types.ts';
import { openWarehouse, warehouseOf } from '../../lib/place/warehouse.ts';
import type { Blob } from '../../lib/ports/blob.ts';
import { JOB, nodeOf } from '../iceberg/all-types.ts';
import { createTable, field, openSink, runtime } from '../iceberg/world.ts';
import { type Measured, measure, millions, peakRss } from './measure.ts';

const [, , rowsText = '1', chars = '0', directory = ''] = process.argv;
const count = Number(rowsText);
const FIRES = count > 100_000 ? 3 : 20;

const COLUMNS: readonly Column[] = [
  { name: 'window_start', type: TIMESTAMP3, nullable: true },
  { name: 'window_end', type: TIMESTAMP3, nullable: true },
  { name: 'event_type', type: STRING, nullable: true },
  { name: 'event_count', type: BIGINT, nullable: true },
  { name: 'revenue', type: { kind: 'DECIMAL', precision: 18, scale: 2 }, nullable: true },
];
const START = 1_700_000_000_000;
/** Filled with hex digits, of which compression leaves a half. One flat string: V8 would make one of two parts only when it is read. */
const textOf = (i: number): string => Buffer.from(`event-${i}${randomBytes(Number(chars) / 2).toString('hex')}`).toString('latin1');
const rowAt = (i: number): Row => [START, START + 60_000, textOf(i), BigInt(i % 1000), BigInt(i) * 199n];
const rows = Array.from({ length: count }, (_, i) => rowAt(i));

const requests = new Map<string, number>();

/** The blob, its requests counted by name. */
const counted = (blob: Blob): Blob =>
  new Proxy(blob, {
    get: (target, member) => {
      const value: unknown = Reflect.get(target, member, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        requests.set(String(member), (requests.get(String(member)) ?? 0) + 1);
        return Reflect.apply(value, target, args);
      };
    },
  });

const warehouse = openWarehouse({}, runtime);
const io = { ...warehouse, at: (location: string) => ({ ...warehouse.at(location), blob: counted(warehouse.at(location).blob) }) };
const place = { io, catalog: new HadoopCatalog({ warehouse: warehouseOf(directory).location, io, runtime }) };

const before = peakRss();
await createTable(place, [field(1, 'window_start', 'timestamp'), field(2, 'window_end', 'timestamp'), field(3, 'event_type', 'string'), field(4, 'event_count', 'long'), field(5, 'revenue', 'decimal(18, 2)')]);
const sink = openSink(place, JOB, nodeOf(COLUMNS));
const emit = (f: number) => sink.emit({ g: generation(0), f: fireNumber(f), pf: f === 1 ? null : fireNumber(f - 1), rows });
if (count < 100_000) await emit(1);
const runs: Measured<unknown>[] = [];
for (let f = 2; f <= FIRES + 1; f++) {
  requests.clear();
  runs.push(await measure(() => emit(f)));
}
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const [wall, cpu] = [median(runs.map(({ seconds }) => seconds)), median(runs.map(({ cpuSeconds }) => cpuSeconds))];
const asked = [...requests].map(([name, n]) => `${n} ${name}`).join(', ');
console.log(`    ${count} rows${chars === '0' ? '' : ` of ${chars} characters`}: ${(wall * 1000).toFixed(0)} ms, ${millions(count / wall)}, ${millions(count / cpu)} per CPU s; ${asked}; peak RSS ${peakRss().toFixed(0)} MB, ${before.toFixed(0)} MB of it Node.js and the rows`);
