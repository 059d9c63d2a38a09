/** Comparing what was found with what must be. */
import { Violation } from '../violation.ts';

/** Throws a violation with both lists where they differ; the lists are sorted alike. */
export function expectSame(found: readonly string[], expected: readonly string[], what: string): void {
  if (found.join('\n') === expected.join('\n')) return;
  const extra = found.filter((row) => !expected.includes(row));
  const missing = expected.filter((row) => !found.includes(row));
  throw new Violation(`${what}\n  not expected: ${extra.join(' ')}\n  missing: ${missing.join(' ')}\n  (${found.length} found, ${expected.length} expected)`);
}
