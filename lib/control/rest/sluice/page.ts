/** Pages of lists that are too long for one answer. */
import { unreadable, type Refusal } from '../refusal.ts';

const DEFAULT = 100;
const MAX = 1000;

export interface Page<T> {
  readonly items: readonly T[];
  /** What the next page comes after; null at the end. */
  readonly next: string | null;
}

/** The page that a query asks for with `after`, the id of an item, and `limit`. An item that is gone is refused: nobody knows what came behind it. */
export function pageOf<T extends { readonly id: string }>(items: readonly T[], query: URLSearchParams): Page<T> | Refusal {
  const limit = Number(query.get('limit') ?? DEFAULT);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX) return unreadable(`'limit' is a number from 1 to ${MAX}, not "${text(query, 'limit')}".`);
  const after = query.get('after');
  const from = after === null ? 0 : items.findIndex(({ id }) => id === after) + 1;
  if (after !== null && from === 0) return unreadable(`'after' names nothing in the list: "${text(query, 'after')}". Begin with its first page.`);
  const page = items.slice(from, from + limit);
  return { items: page, next: from + limit < items.length ? (page.at(-1)?.id ?? null) : null };
}

const text = (query: URLSearchParams, name: string): string => (query.get(name) ?? '').slice(0, 64);
