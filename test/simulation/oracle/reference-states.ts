/** The reference of keyed state: items in a list, whatever the state is, with Flink's rules of TTL (AbstractTtlDecorator, TtlListState), one by one. */
import type { StateDescriptor } from '../../../lib/core/process/descriptor.ts';

/** A value, an element or an entry. `at`: when its TTL began to count. */
export interface Item {
  /** Of an entry. */
  readonly key?: unknown;
  readonly value: unknown;
  readonly at: number;
}

/** What a key holds in one state; a value is the only item. */
export interface Cell {
  items: readonly Item[];
}

const copyOf = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));

const isExpired = ({ ttl }: StateDescriptor, { at }: Item, now: number): boolean => ttl !== undefined && now >= at + ttl.ttlMs;

/** In so many parts of a TTL what has expired leaves, at the beginning of the next one. */
const PARTS = 16;

/** What nobody reads leaves with a step. */
export function hasLeft({ ttl }: StateDescriptor, { at }: Item, now: number): boolean {
  if (ttl === undefined) return false;
  const part = Math.max(1, Math.floor(ttl.ttlMs / PARTS));
  const expiry = at + ttl.ttlMs;
  return now >= expiry + ((part - (expiry % part)) % part);
}

/** As a checkpoint holds it. */
export function cellJson({ kind, ttl }: StateDescriptor, { items }: Cell): unknown {
  const withTime = ({ at }: Item): number[] => (ttl === undefined ? [] : [at]);
  if (kind === 'map') return items.toSorted((a, b) => Number(a.key) - Number(b.key)).map((item) => [item.key, item.value, ...withTime(item)]);
  const json = items.map((item) => (ttl === undefined ? item.value : [item.value, item.at]));
  return kind === 'list' ? json : (json[0] ?? null);
}

/** One state of one key in one call. */
export class NaiveState {
  readonly #descriptor: StateDescriptor;
  readonly #cell: Cell;
  readonly #now: number;
  readonly #count: (what: string) => void;

  constructor(descriptor: StateDescriptor, cell: Cell, now: number, count: (what: string) => void) {
    this.#descriptor = descriptor;
    this.#cell = cell;
    this.#now = now;
    this.#count = count;
  }

  /** Looked up by the functions under test; each kind has its own part of it. */
  handle(): unknown {
    switch (this.#descriptor.kind) {
      case 'value':
        return this.#value(this.#descriptor.initial);
      case 'list':
        return this.#list();
      case 'map':
        return this.#map();
      default:
        return this.#folding(this.#descriptor);
    }
  }

  #value(initial: unknown): object {
    return { value: () => this.#read(() => true) ?? copyOf(initial), update: (value: unknown) => this.#replace([value]), clear: () => this.#replace([]) };
  }

  #list(): object {
    const add = (values: Iterable<unknown>): void => void (this.#cell.items = [...this.#cell.items, ...Array.from(values, (value) => this.#item(value))]);
    return { get: () => this.#readList(), add: (value: unknown) => add([value]), addAll: add, update: (values: Iterable<unknown>) => this.#replace(values), clear: () => this.#replace([]) };
  }

  #map(): object {
    const find = (key: unknown): unknown => this.#read((item) => item.key === key);
    const without = (key: unknown): readonly Item[] => this.#cell.items.filter((item) => item.key !== key);
    const readAll = (): (readonly [unknown, unknown])[] => {
      const keys = this.#cell.items.map(({ key }) => key).sort((a, b) => Number(a) - Number(b));
      return keys.map((key) => [key, find(key)] as const).filter(([, value]) => value !== null);
    };
    return {
      get: find,
      contains: (key: unknown) => find(key) !== null,
      put: (key: unknown, value: unknown) => void (this.#cell.items = [...without(key), { key, ...this.#item(value) }]),
      remove: (key: unknown) => void (this.#cell.items = without(key)),
      entries: () => readAll().values(),
      keys: () => readAll().map(([key]) => key).values(),
      values: () => readAll().map(([, value]) => value).values(),
      clear: () => this.#replace([]),
    };
  }

  #folding(descriptor: StateDescriptor & { readonly kind: 'reducing' | 'aggregating' }): object {
    const add = (value: unknown): void => {
      const [item] = this.#cell.items;
      const before = item === undefined || !this.#isVisible(item) ? null : copyOf(item.value);
      if (descriptor.kind === 'reducing') this.#replace([before === null ? value : descriptor.reduce(before, value)]);
      else this.#replace([descriptor.aggregate.add(before ?? descriptor.aggregate.createAccumulator(), value)]);
    };
    const get = (): unknown => {
      const value = this.#read(() => true);
      return value === null || descriptor.kind === 'reducing' ? value : descriptor.aggregate.getResult(value);
    };
    return { get, add, clear: () => this.#replace([]) };
  }

  #item(value: unknown): Item {
    return { value: copyOf(value), at: this.#now };
  }

  #replace(values: Iterable<unknown>): void {
    this.#cell.items = Array.from(values, (value) => this.#item(value));
  }

  #isExpired(item: Item): boolean {
    return isExpired(this.#descriptor, item, this.#now);
  }

  #isVisible(item: Item): boolean {
    return this.#descriptor.ttl?.visibility === 'return-expired-if-not-cleaned-up' || !this.#isExpired(item);
  }

  get #isRenewing(): boolean {
    return this.#descriptor.ttl?.update === 'on-read-and-write';
  }

  /** What is expired is gone behind the read, and shown by it at most this once. */
  #read(isMeant: (item: Item) => boolean): unknown {
    const item = this.#cell.items.find(isMeant);
    if (item === undefined) return null;
    if (this.#isExpired(item)) {
      this.#count(this.#isVisible(item) ? 'expired:shown' : 'expired:hidden');
      this.#cell.items = this.#cell.items.filter((other) => other !== item);
    } else if (this.#isRenewing) {
      this.#cell.items = this.#cell.items.map((other) => (other === item ? { ...item, at: this.#now } : other));
    }
    return this.#isVisible(item) ? copyOf(item.value) : null;
  }

  /** Expired elements go with the last that is alive; where reads renew, at once. */
  #readList(): unknown[] {
    const { items } = this.#cell;
    const live = items.filter((item) => !this.#isExpired(item));
    if (live.length < items.length) this.#count('expired:element');
    if (live.length === 0) this.#cell.items = [];
    else if (this.#isRenewing) this.#cell.items = live.map((item) => ({ ...item, at: this.#now }));
    return items.filter((item) => this.#isVisible(item)).map(({ value }) => copyOf(value));
  }
}
