/** The SQLite file of a data directory: logs, control items, chunks and consumer offsets of a laptop. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { isError, SluiceError, StoreError } from '../../core/errors.ts';
import { checksum } from './checksum.ts';
import { integerOf } from './columns.ts';
import { makeDirectory } from './files.ts';
import { SCHEMA, SCHEMA_VERSION } from './schema.ts';
import { sqliteError } from './sqlite-errors.ts';

/** How long a statement waits for another process; it blocks this thread, so it is short. Writers hold the lock for one fsync. */
const BUSY_TIMEOUT_MS = 5000;

/**
 * One connection. Any number of processes may have one: WAL lets readers pass, `synchronous = FULL` makes a confirmed
 * statement survive the loss of power. Errors are StoreErrors (BUSY: `no`), or STORE_CORRUPT.
 */
export class Store {
  readonly path: string;
  readonly #db: DatabaseSync;

  constructor(path: string, db: DatabaseSync) {
    this.path = path;
    this.#db = db;
  }

  /** Parameters are `?` or `$name`: Node 22.13 binds no numbered ones. */
  prepare(sql: string): StatementSync {
    if (/\?\d/.test(sql)) throw new SluiceError('INVARIANT', { message: `numbered parameters: ${sql}` });
    return this.attempt(() => this.#db.prepare(sql));
  }

  /** A statement whose rows are read: integers come as bigints, so that any of them can be looked at. */
  reader(sql: string): StatementSync {
    const statement = this.prepare(sql);
    statement.setReadBigInts(true);
    return statement;
  }

  exec(sql: string): void {
    this.attempt(() => this.#db.exec(sql));
  }

  /** Runs `action` and translates what SQLite throws. */
  attempt<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw sqliteError(this.path, error);
    }
  }

  /**
   * Runs `action` alone among all processes: nothing is committed to this store by anybody until it returns.
   * Its statements commit together, or not at all if it throws.
   */
  locked<T>(action: () => T): T {
    this.exec('BEGIN IMMEDIATE');
    try {
      const result = action();
      this.exec('COMMIT');
      return result;
    } catch (error) {
      this.#rollBack();
      throw error;
    }
  }

  /** What makes this fail has made SQLite give up the transaction already; the first error is the one to tell. */
  #rollBack(): void {
    try {
      this.attempt(() => this.#db.isTransaction && this.#db.exec('ROLLBACK'));
    } catch (error) {
      if (!isError(error)) throw error;
    }
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }
}

/**
 * Opens `<dir>/store.db`. Without `create`, a directory without a store is FILE_UNREADABLE. A store of another format is
 * FORMAT_VERSION.
 */
export function openStore(dir: string, { create }: { create: boolean }): Store {
  const path = join(dir, 'store.db');
  if (create) makeDirectory(dir);
  else if (!existsSync(path)) throw missing(dir);
  const store = new Store(path, open(path));
  try {
    preparePatiently(store);
  } catch (error) {
    store.close();
    throw error;
  }
  return store;
}

function open(path: string): DatabaseSync {
  try {
    const db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
    db.function('checksum', { deterministic: true, varargs: true, useBigIntArguments: true }, checksum);
    return db;
  } catch (error) {
    throw sqliteError(path, error);
  }
}

const PREPARE_ATTEMPTS = 40;
const PREPARE_PAUSE_MS = 50;

/** SQLite answers BUSY at once, whatever the timeout, when two processes switch a new file to WAL at the same time. */
function preparePatiently(store: Store): void {
  for (let attempt = 1; ; attempt++) {
    try {
      return prepareFile(store);
    } catch (error) {
      if (attempt >= PREPARE_ATTEMPTS || !(error instanceof StoreError)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PREPARE_PAUSE_MS);
    }
  }
}

/** The busy timeout is in force already: the switch to WAL needs a lock that other processes may hold. */
function prepareFile(store: Store): void {
  store.exec('PRAGMA journal_mode = WAL');
  store.exec('PRAGMA synchronous = FULL');
  if (versionOf(store) === SCHEMA_VERSION) return;
  store.locked(() => {
    if (versionOf(store) === 0) store.exec(`${SCHEMA}; PRAGMA user_version = ${SCHEMA_VERSION}`);
  });
}

function versionOf(store: Store): number {
  const statement = store.reader('PRAGMA user_version');
  const version = integerOf(store.attempt(() => statement.get()) ?? {}, 'user_version', store.path);
  if (version === 0 || version === SCHEMA_VERSION) return version;
  throw new SluiceError('FORMAT_VERSION', {
    message: `${store.path} has format ${version}; this Sluice reads ${SCHEMA_VERSION}`,
    hint: 'Use the Sluice that wrote it.',
  });
}

const missing = (dir: string): SluiceError =>
  new SluiceError('FILE_UNREADABLE', {
    message: `'${dir}' is not a data directory of Sluice: it has no store.db`,
    details: { path: dir },
  });
