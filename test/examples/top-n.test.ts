import { expect, test } from 'vitest';
import job from '../../examples/top-n.ts';
import { expectUndisturbed, of, rowsOf, START } from './disturbed.ts';

const MINUTE = 60_000;
const sold = (second: number, ...products: readonly string[]) => products.flatMap((product) => of('sales', { product, at: START + second * 1000 }));

const steps = [...sold(0, 'tea', 'pie', 'tea', 'jam'), ...sold(62, 'pie'), ...sold(59, 'ale', 'pie', 'pie'), ...sold(130, 'jam')];

test('each minute has the products that sold best, those that sold alike by name', async () => {
  const { top } = await rowsOf(job, ['top'], steps);
  expect(top?.map(({ window_end: end, place, product, sold: n }) => [(Number(end) - START) / MINUTE, place, product, n])).toEqual([
    [1, 1, 'pie', 3n],
    [1, 2, 'tea', 2n],
    [1, 3, 'ale', 1n],
    [2, 1, 'pie', 1n],
    [3, 1, 'jam', 1n],
  ]);
});

test('savepoints and crashes, wherever they come, change no row', () => expectUndisturbed(job, ['top'], steps));
