import { expect, test } from 'vitest';
import job from '../../examples/sessionisation.ts';
import { expectUndisturbed, of, rowsOf, START } from './disturbed.ts';

const MINUTE = 60_000;
const view = (user: string, minute: number) => of('views', { user, page: '/', at: START + minute * MINUTE });

/** Bob's first view comes behind a later one of Ada's; nothing of his session has ended by then. */
const steps = [...view('ada', 0), ...view('ada', 29), ...view('bob', 5), ...view('bob', 40), ...view('ada', 58), ...view('cy', 200)];

test('a session goes on for as long as no pause is longer than its gap', async () => {
  const { sessions } = await rowsOf(job, ['sessions'], steps);
  expect(sessions?.map(({ user, begin, seconds, pages }) => [user, (Number(begin) - START) / MINUTE, seconds, pages])).toEqual([
    ['bob', 5, 0, 1n],
    ['bob', 40, 0, 1n],
    ['ada', 0, 58 * 60, 3n],
    ['cy', 200, 0, 1n],
  ]);
});

test('savepoints and crashes, wherever they come, change no row', () => expectUndisturbed(job, ['sessions'], steps));
