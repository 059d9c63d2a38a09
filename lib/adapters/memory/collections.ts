/** Small questions that every map here is asked. */

/** The value under `key`, made and kept if there is none. */
export function entryOf<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

/** Deletes the entries that `drop` names. */
export function dropWhere<K, V>(map: Map<K, V>, drop: (key: K, value: V) => boolean): void {
  for (const [key, value] of map) if (drop(key, value)) map.delete(key);
}

/** Keys that start with `prefix` and come after `after`, in order, at most `limit`: one page of a listing. */
export function pageOfKeys(keys: Iterable<string>, prefix: string, page: { after: string; limit: number }): string[] {
  return [...keys]
    .filter((key) => key.startsWith(prefix) && key > page.after)
    .sort()
    .slice(0, page.limit);
}

/** Index of the first element whose number is at least `n`; quick at the tail, where nearly all calls end. */
export function lowerBound<T>(sorted: readonly T[], n: number, numberOf: (element: T) => number): number {
  const isBelow = (element: T | undefined): boolean => element !== undefined && numberOf(element) < n;
  if (isBelow(sorted.at(-1))) return sorted.length;
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBelow(sorted[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}
