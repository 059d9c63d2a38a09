import { expect, test } from 'vitest';
import { spawned } from './sluice.ts';

test('the lab runs from end to end, and leaves nothing behind', async () => {
  const { code, out, err } = await spawned('lab');
  expect(err).toBe('');
  expect(code).toBe(0);
  const [step7 = '', step8 = ''] = out.split('=== Step ').slice(7);
  expect(step7).toContain('5 rows in set');
  expect(step8).toContain('6 rows in set');
  expect(step8).toContain('| 2025-12-30 10:02:00.000000 | 2025-12-30 10:03:00.000000 |      click |           1 |');
}, 60_000);

test('a chapter about partitions that fall silent: one job waits for them, one does not', async () => {
  const { code, out, err } = await spawned('lab', '--chapter', 'idle');
  expect(err).toBe('');
  expect(code).toBe(0);
  const counts = [...out.matchAll(/10:01:00\.000000 \| +(\d) \|/g)].map(([, count]) => count);
  expect(counts).toEqual(['2', '3', '2']);
  expect(out).toContain('1 open window, 1 late row\n');
}, 60_000);

test('another chapter is refused by name', async () => {
  const { code, err } = await spawned('lab', '--chapter', 'hopp');
  expect(code).not.toBe(0);
  expect(err).toContain('savepoint, hop, cumulate, session, idle');
});
