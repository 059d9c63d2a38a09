/** The reference control store: versioned JSON under (pk, sk). */
import type { Control, ControlItem, ControlKey, ControlPut, Expected } from '../../ports/control.ts';
import { entryOf, pageOfKeys } from './collections.ts';

export class MemoryControl implements Control {
  readonly #collections = new Map<string, Map<string, ControlItem>>();

  async get(key: ControlKey): Promise<ControlItem | null> {
    return this.#collections.get(key.pk)?.get(key.sk) ?? null;
  }

  async put(key: ControlKey, body: string, expected: Expected): Promise<ControlPut> {
    const collection = entryOf(this.#collections, key.pk, () => new Map<string, ControlItem>());
    const item = collection.get(key.sk) ?? null;
    if (!isExpected(item, expected)) return { kind: 'conflict', item };
    const version = (item?.version ?? 0) + 1;
    collection.set(key.sk, { pk: key.pk, sk: key.sk, version, body });
    return { kind: 'stored', version };
  }

  async list(pk: string, prefix: string, page: { after: string; limit: number }): Promise<readonly ControlItem[]> {
    const collection = this.#collections.get(pk) ?? new Map<string, ControlItem>();
    return pageOfKeys(collection.keys(), prefix, page).flatMap((sk) => collection.get(sk) ?? []);
  }

  async remove(key: ControlKey): Promise<void> {
    this.#collections.get(key.pk)?.delete(key.sk);
  }
}

function isExpected(item: ControlItem | null, expected: Expected): boolean {
  if (expected === 'any') return true;
  return expected === 'absent' ? item === null : item?.version === expected;
}
