/** Control items in SQLite. */
import type { StatementSync } from 'node:sqlite';
import type { Control, ControlItem, ControlKey, ControlPut, Expected } from '../../ports/control.ts';
import { verified } from './checksum.ts';
import { integerOf, textOf, type SqlRow } from './columns.ts';
import type { Store } from './store.ts';

const CREATE = 'INSERT INTO control (pk, sk, body, version, sum) VALUES ($pk, $sk, $body, 1, checksum($pk, $sk, 1, $body)) ON CONFLICT';
const ONE_MORE = 'body = $body, version = version + 1, sum = checksum($pk, $sk, version + 1, $body)';

/** Sorts behind every text that continues a prefix. */
const LAST_CHARACTER = '\u{10FFFF}';

export class EmbeddedControl implements Control {
  readonly #store: Store;
  readonly #get: StatementSync;
  readonly #create: StatementSync;
  readonly #replace: StatementSync;
  readonly #overwrite: StatementSync;
  readonly #list: StatementSync;
  readonly #remove: StatementSync;

  constructor(store: Store) {
    this.#store = store;
    this.#get = store.reader('SELECT * FROM control WHERE pk = ? AND sk = ?');
    this.#create = store.reader(`${CREATE} DO NOTHING RETURNING version`);
    this.#overwrite = store.reader(`${CREATE} DO UPDATE SET ${ONE_MORE} RETURNING version`);
    this.#replace = store.reader(`UPDATE control SET ${ONE_MORE} WHERE pk = $pk AND sk = $sk AND version = $expected RETURNING version`);
    this.#list = store.reader('SELECT * FROM control WHERE pk = ? AND sk > ? AND sk >= ? AND sk < ? ORDER BY sk LIMIT ?');
    this.#remove = store.prepare('DELETE FROM control WHERE pk = ? AND sk = ?');
  }

  async get({ pk, sk }: ControlKey): Promise<ControlItem | null> {
    const row = this.#store.attempt(() => this.#get.get(pk, sk));
    return row === undefined ? null : itemOf(row);
  }

  async put(key: ControlKey, body: string, expected: Expected): Promise<ControlPut> {
    const [stored] = this.#store.attempt(() => this.#write(key, body, expected));
    if (stored !== undefined) return { kind: 'stored', version: integerOf(stored, 'version', keyOf(key)) };
    return { kind: 'conflict', item: await this.get(key) };
  }

  async list(pk: string, prefix: string, { after, limit }: { after: string; limit: number }): Promise<readonly ControlItem[]> {
    return this.#store.attempt(() => this.#list.all(pk, after, prefix, prefix + LAST_CHARACTER, limit)).map(itemOf);
  }

  async remove({ pk, sk }: ControlKey): Promise<void> {
    this.#store.attempt(() => this.#remove.run(pk, sk));
  }

  /** `all` steps to the end: the commit of a RETURNING statement comes behind its rows, and `get` would not see it fail. */
  #write({ pk, sk }: ControlKey, body: string, expected: Expected): readonly SqlRow[] {
    if (expected === 'absent') return this.#create.all({ pk, sk, body });
    if (expected === 'any') return this.#overwrite.all({ pk, sk, body });
    return this.#replace.all({ pk, sk, body, expected });
  }
}

const keyOf = ({ pk, sk }: ControlKey): string => `control item ${pk} ${sk}`;

function itemOf(row: SqlRow): ControlItem {
  const key = keyOf({ pk: String(row['pk']), sk: String(row['sk']) });
  verified(row, ['pk', 'sk', 'version', 'body'], key);
  return { pk: textOf(row, 'pk', key), sk: textOf(row, 'sk', key), version: integerOf(row, 'version', key), body: textOf(row, 'body', key) };
}
