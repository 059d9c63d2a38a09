/** Bounded concurrency: requests of one kind, so many at a time. */

/** Enough to hide the latency of a store, few enough for its connections. */
const AT_ONCE = 16;

/**
 * Applies `action` to every item, `AT_ONCE` at a time, and returns the results in the order of the items. After a failure nothing
 * new begins; what is under way is awaited before the failure is thrown (W2).
 */
export async function inParallel<T, R>(items: readonly T[], action: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const failures: unknown[] = [];
  const waiting = items.entries();
  const work = async (): Promise<void> => {
    for (const [i, item] of waiting) {
      try {
        results[i] = await action(item);
      } catch (error) {
        failures.push(error);
      }
      if (failures.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, work));
  if (failures.length > 0) throw failures[0];
  return results;
}
