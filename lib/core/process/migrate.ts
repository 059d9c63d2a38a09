/** State of an older version of a program, made into that of the one that runs (V4). */
import { isError, SluiceError } from '../errors.ts';
import type { JsonValue } from '../plan.ts';
import { decodeStored, encodeStored } from '../stored-value.ts';
import type { Cell, Stored } from './contents.ts';
import type { Migration, StateDescriptor } from './descriptor.ts';
import { EntryMap } from './entry-map.ts';

/** Why values of this version cannot be taken over; null if they can. */
export function canMigrate({ version, migrations }: StateDescriptor, from: number): string | null {
  if (from > version) return `its values have version ${from}, the program has ${version}`;
  for (let v = from; v < version; v++) {
    if (migrations[v] === undefined) return `its values have version ${from}, the program has ${version} and no migration from version ${v}: add migrations[${v}] to the state`;
  }
  return null;
}

/**
 * Takes each item through the migrations, then through the check of the descriptor; keys and times stay. What becomes null leaves a value or a list.
 * STATE_INCOMPATIBLE where `canMigrate` has a reason, FUNCTION_THREW for a migration that throws, STATE_VALUE_INVALID from the check.
 */
export function migrateCell(descriptor: StateDescriptor, from: number, cell: Cell): Cell {
  const reason = canMigrate(descriptor, from);
  if (reason !== null) throw new SluiceError('STATE_INCOMPATIBLE', { message: `a state cannot be taken over: ${reason}`, hint: 'give it the `migrations` that are missing' });
  if (from === descriptor.version && descriptor.check === undefined) return cell;
  return mapCell(cell, (json) => migrated(descriptor, from, json));
}

function mapCell(cell: Cell, change: (json: JsonValue) => JsonValue): Cell {
  const changed = <S extends Stored>(item: S): S => ({ ...item, json: change(item.json) });
  const isPresent = ({ json }: Stored): boolean => json !== null;
  switch (cell.kind) {
    case 'single': {
      const item = cell.item && changed(cell.item);
      return { kind: 'single', item: item && isPresent(item) ? item : null };
    }
    case 'list':
      return { kind: 'list', items: cell.items.map(changed).filter(isPresent) };
    case 'map':
      return { kind: 'map', entries: EntryMap.of(Array.from(cell.entries.values(), changed)) };
  }
}

function migrated({ version, migrations, check }: StateDescriptor, from: number, json: JsonValue): JsonValue {
  let value = decodeStored(json);
  // What one migration has dropped the next one does not see.
  for (let v = from; v < version && value !== null && value !== undefined; v++) value = run(migrations[v], v, value);
  return encodeStored(check === undefined || value === null || value === undefined ? value : check(value));
}

function run(migration: Migration | undefined, from: number, value: unknown): unknown {
  try {
    return migration?.(value);
  } catch (error) {
    if (isError(error) && error.kind === 'data') throw error;
    throw new SluiceError('FUNCTION_THREW', { message: `the migration from version ${from} of a state fails`, cause: error });
  }
}
