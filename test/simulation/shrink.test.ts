/** The shrinker finds the one fault that a violation needs, and leaves no record too many. */
import { expect, test } from 'vitest';
import { invariantOf, shrink, type Attempt } from './shrink.ts';
import { essence } from './trace.ts';

/** Fails while fault 7 and fault 20 of 30 happen and there are at least 5 records. */
const needsTwo: Attempt = async ({ records = 60, keepFaults = null }) => {
  const happens = (fault: number): boolean => keepFaults?.has(fault) ?? true;
  return records >= 5 && happens(7) && happens(20) ? { invariant: 'I-RES', faults: 30 } : null;
};

test('drops all faults but those that it takes, and halves the records', async () => {
  const found = await shrink(needsTwo, 60);
  expect(found).toMatchObject({ records: 7, keepFaults: new Set([7, 20]) });
  expect(found?.runs).toBeLessThan(60);
});

test('a violation of another invariant is not the same failure', async () => {
  const found = await shrink(async (options) => (await needsTwo(options)) ?? { invariant: 'I-ACK', faults: 0 }, 60);
  expect(found).toMatchObject({ records: 7, keepFaults: new Set([7, 20]) });
});

test('a green run cannot be shrunk', async () => {
  expect(await shrink(async () => null, 60)).toBeNull();
});

test('messages begin with the invariant', () => {
  expect(invariantOf('I-RES: FIRE 2 of generation 0\n  found: a')).toBe('I-RES');
});

test('of a timeline, what writes and what fails is left', () => {
  const id = '0'.repeat(32);
  const lines = [`1 writer0 log.head J#${id}#g0#C`, `2 writer0 log.head J#${id}#g0#C !throttle (#0)`, `3 writer0 log.append J#${id}#g0#C seq 1`, '4 writer0 sleep 100'];
  expect(essence(lines)).toEqual(['2 writer0 log.head J#…#g0#C !throttle (#0)', '3 writer0 log.append J#…#g0#C seq 1']);
});
