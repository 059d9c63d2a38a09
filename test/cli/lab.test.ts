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
