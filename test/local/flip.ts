/** Everything that a store.db holds, and one bit of it flipped as a failing disk would: behind the back of whoever wrote it. */
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import type { Prng } from '../simulation/prng.ts';

/** Tables with the columns that name a row, and those that hold its values. */
const TABLES = {
  log: { keys: ['log', 'seq'], values: ['id', 'body', 'data', 'ttl'] },
  chunk: { keys: ['collection', 'key'], values: ['sha', 'data', 'expires_at', 'sum'] },
  control: { keys: ['pk', 'sk'], values: ['version', 'body', 'sum'] },
  consumer_offset: { keys: ['consumer_group', 'topic', 'partition'], values: ['next', 'sum'] },
} as const;

export interface Cell {
  readonly table: keyof typeof TABLES;
  /** Values of the key columns, as an error message has them. */
  readonly key: readonly string[];
  readonly column: string;
}

export const cellText = ({ table, key, column }: Cell): string => `${table} ${key.join(' ')} ${column}`;

const where = (table: Cell['table']): string => TABLES[table].keys.map((column, i) => `${column} = ?${i + 1}`).join(' AND ');

/** Every cell with at least one byte: of the columns that hold values, or of those that name rows. */
export function cellsOf(path: string, of: 'keys' | 'values' = 'values'): Cell[] {
  return using(path, (db) =>
    tableNames.flatMap((table) => {
      const rows = db.prepare(`SELECT * FROM ${table}`).all();
      return rows.flatMap((row) => {
        const key = TABLES[table].keys.map((column) => String(row[column]));
        return TABLES[table][of].filter((column) => sizeOf(row[column] ?? null) > 0).map((column) => ({ table, key, column }));
      });
    }),
  );
}

const tableNames = ['log', 'chunk', 'control', 'consumer_offset'] as const;

const sizeOf = (value: SQLOutputValue): number => (typeof value === 'string' || value instanceof Uint8Array ? value.length : value === null ? 0 : 1);

/** Flips one bit of the cell; called again with the same dice it restores a value. A name that is taken stays as it is. */
export function flipCell(path: string, { table, key, column }: Cell, dice: Prng): void {
  using(path, (db) => {
    const statement = db.prepare(`SELECT CAST(${column} AS BLOB) AS bytes, typeof(${column}) AS type, ${column} AS value FROM ${table} WHERE ${where(table)}`);
    statement.setReadBigInts(true);
    const row = statement.get(...key);
    const update = (expression: string, value: bigint | Uint8Array): unknown =>
      db.prepare(`UPDATE OR IGNORE ${table} SET ${column} = ${expression} WHERE ${where(table)}`).run(...key, value);
    const parameter = `?${key.length + 1}`;
    if (typeof row?.['value'] === 'bigint') update(parameter, row['value'] ^ (1n << BigInt(dice.below(62))));
    else if (row?.['bytes'] instanceof Uint8Array) update(row['type'] === 'text' ? `CAST(${parameter} AS TEXT)` : parameter, flipped(row['bytes'], dice));
    else throw new Error(`${table} ${key.join(' ')} has no ${column}`);
  });
}

/** A copy with one bit flipped. */
export function flipped(bytes: Uint8Array, dice: Prng): Uint8Array {
  const copy = bytes.slice();
  const at = dice.below(copy.length);
  copy[at] = (copy[at] ?? 0) ^ (1 << dice.below(8));
  return copy;
}

function using<T>(path: string, use: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(path);
  try {
    return use(db);
  } finally {
    db.close();
  }
}
