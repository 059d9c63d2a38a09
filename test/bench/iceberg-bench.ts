/** `node iceberg-bench.ts ROWS DIRECTORY`: FIREs of so many rows into an Iceberg table in a directory. */
import { fireNumber, generation } from '../../lib/core/numbers.ts';
import { BIGINT, STRING, TIMESTAMP3, type Column, type Row } from '../../lib/core/types.ts';
import { JOB, nodeOf } from '../iceberg/all-types.ts';
import { createTable, directoryPlace, field, openSink, type Place } from '../iceberg/world.ts';
import { measure, millions, peakRss } from './measure.ts';

const [, , rowsText = '1', directory = ''] = process.argv;
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
const rowAt = (i: number): Row => [START, START + 60_000, `event-${i}`, BigInt(i % 1000), BigInt(i) * 199n];
const rows = Array.from({ length: count }, (_, i) => rowAt(i));

/** The requests of a place: to its files, and to its catalog. */
function counted({ catalog, io }: Place): Place & { readonly requests: Map<string, number> } {
  const requests = new Map<string, number>();
  const noted = <Port extends object>(port: Port, kind: string): Port =>
    new Proxy(port, {
      get: (target, member) => {
        const value: unknown = Reflect.get(target, member, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          const name = `${kind} ${String(member)}`;
          requests.set(name, (requests.get(name) ?? 0) + 1);
          return Reflect.apply(value, target, args);
        };
      },
    });
  return { requests, catalog: noted(catalog, 'catalog'), io: { at: (location) => ({ ...io.at(location), blob: noted(io.at(location).blob, 'file') }) } };
}

const before = peakRss();
const place = counted(directoryPlace(directory));
await createTable(place, [field(1, 'window_start', 'timestamp'), field(2, 'window_end', 'timestamp'), field(3, 'event_type', 'string'), field(4, 'event_count', 'long'), field(5, 'revenue', 'decimal(18, 2)')]);
const sink = openSink(place, JOB, nodeOf(COLUMNS));
const emit = (f: number) => sink.emit({ g: generation(0), f: fireNumber(f), pf: f === 1 ? null : fireNumber(f - 1), rows });
if (count < 100_000) await emit(1);
const times: number[] = [];
for (let f = 2; f <= FIRES + 1; f++) {
  place.requests.clear();
  times.push((await measure(() => emit(f))).seconds);
}
const median = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
const requests = [...place.requests].map(([name, n]) => `${n} ${name}`).join(', ');
console.log(`    ${count} rows: ${(median * 1000).toFixed(0)} ms, ${millions(count / median)}, ${requests}; peak RSS ${peakRss().toFixed(0)} MB (${before.toFixed(0)} MB of it the rows and Node.js)`);
