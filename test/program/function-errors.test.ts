/** Errors of functions while a job runs: people see the line of the program, and no stack. */
import { expect, test } from 'vitest';
import { compileDataflow } from '../../lib/core/dataflow.ts';
import { SluiceError } from '../../lib/core/errors.ts';
import { Raw, type Value } from '../../lib/core/types.ts';
import { locatedFailure } from '../../lib/engine/located.ts';
import { loaded } from './programs.ts';

const JOB = `import { defineJob, kafka, table } from 'sluice/api';
import { cents } from './src/money.ts';
export default defineJob('test', (job) => {
  job.from('in', kafka<{ amount: number }>({ topic: 't', servers: 'b:9092' }))
    .map((row) => ({ n: cents(row.amount) }))
    .to('out', table({ columns: { n: 'INT' }, with: { connector: 'blackhole' } }));
});
`;

const MONEY = `// What money is.
export function cents(amount: number): number {
  if (amount < 0) throw new RangeError('a debt');
  return Math.round(amount * 100);
}
`;

/** What the functions of the program do with a value. */
async function failure(value: Value): Promise<{ readonly error: SluiceError; readonly positionOf: (error: unknown) => string | null }> {
  const { plan, code } = (await loaded({ 'job.ts': JOB, 'src/money.ts': MONEY })).build();
  const { positionOf } = compileDataflow(plan, code);
  const [map] = [...code.transforms.values()];
  try {
    map?.([value, null], () => {});
  } catch (error) {
    if (error instanceof SluiceError) return { error, positionOf };
  }
  throw new Error('nothing has failed');
}

test('a failure names file, line and column of the innermost frame that is the program\'s', async () => {
  const { error, positionOf } = await failure(new Raw({ amount: -1 }));
  const located = locatedFailure(error, positionOf);
  expect(located).toMatchObject({ code: 'FUNCTION_THREW', details: { at: 'src/money.ts:3:25' } });
  expect(located.message).toMatch(/: a debt \(at src\/money\.ts:3:25\)$/);
  expect(locatedFailure(located, positionOf)).toBe(located);
});

test('an error from elsewhere has no place in the program', async () => {
  const { positionOf } = await failure(new Raw({ amount: -1 }));
  expect([new Error('mine'), 'text', null].map(positionOf)).toEqual([null, null, null]);
});
