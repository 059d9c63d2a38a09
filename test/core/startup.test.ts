/** Where a partition begins for `timestamp`: at the first record that is not older, at the end if all are. */
import { expect, test } from 'vitest';
import { offset, type Offset } from '../../lib/core/numbers.ts';
import { startAt, type StartupFacts } from '../../lib/core/startup.ts';

const facts: StartupFacts = { topic: 't', partition: 0, earliest: offset(3), end: offset(9), committed: async () => null };
const byTime = async (epochMs: number): Promise<Offset | null> => (epochMs > 100 ? null : offset(7));

test('a time is looked up where records have one', async () => {
  expect(await startAt({ kind: 'timestamp', epochMs: 100 }, { ...facts, byTime })).toBe(7);
  expect(await startAt({ kind: 'timestamp', epochMs: 101 }, { ...facts, byTime })).toBe(9);
});

test('a time is refused where records have none', async () => {
  await expect(startAt({ kind: 'timestamp', epochMs: 1 }, facts)).rejects.toMatchObject({ code: 'OPTION_INVALID', hint: expect.stringContaining('earliest-offset') });
});
