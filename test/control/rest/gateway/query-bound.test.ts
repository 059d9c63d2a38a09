/** How many queries without an end run at once. */
import { expect, test } from 'vitest';
import { boundedQueries } from '../../../../lib/control/rest/gateway/query-bound.ts';
import type { Change, Changes } from '../../../../lib/control/statement-result.ts';
import { jobId } from '../../../../lib/core/numbers.ts';
import { labPlan } from '../../../engine/lab-plan.ts';

const REFUSED = { code: 'GATEWAY_REFUSED', hint: expect.stringContaining('INSERT INTO') };

async function* one(): AsyncGenerator<readonly Change[]> {
  yield [{ kind: 'INSERT', row: [1] }];
}

async function* failing(): AsyncGenerator<readonly Change[]> {
  yield* one();
  throw new Error('a record that cannot be read');
}

/** Opens queries with these rows, two at once. */
const opener = (changes: () => Changes['changes'] = one): (() => Promise<Changes>) => {
  const open = boundedQueries(async () => ({ columns: [], changes: changes(), end: async () => {}, job: jobId('a'.repeat(32)) }), 2);
  return () => open(labPlan());
};

test('one more than there is room for is refused, until one ends, however often it is told to', async () => {
  const open = opener();
  const [first] = [await open(), await open()];
  await expect(open()).rejects.toMatchObject(REFUSED);
  await first.end();
  await first.end();
  await open();
  await expect(open()).rejects.toMatchObject(REFUSED);
});

test('a query that is read to its end leaves its place', async () => {
  const open = opener();
  const [first] = [await open(), await open()];
  for await (const batch of first.changes) expect(batch).toHaveLength(1);
  await open();
  await expect(open()).rejects.toMatchObject(REFUSED);
});

test('a query that fails leaves its place, whether it had begun or not', async () => {
  const open = opener(failing);
  const [first] = [await open(), await open()];
  const rows = first.changes[Symbol.asyncIterator]();
  await rows.next();
  await expect(rows.next()).rejects.toThrow('cannot be read');
  await open();
  await expect(open()).rejects.toMatchObject(REFUSED);

  const never = boundedQueries(() => Promise.reject(new Error('no such topic')), 1);
  for (let i = 0; i < 2; i++) await expect(never(labPlan())).rejects.toThrow('no such topic');
});
