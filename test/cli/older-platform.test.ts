/** A description that the function of an older platform gives: what it does not tell is not shown, and nothing that is counted is NaN. */
import { expect, test } from 'vitest';
import { descriptionText } from '../../lib/cli/describe-text.ts';
import { withUntold } from '../../lib/cloud/describe.ts';
import { describeJob, type JobDescription } from '../../lib/control/describe.ts';
import { MINUTE, Stack } from '../engine/stack.ts';

const older = (job: JobDescription): JobDescription => JSON.parse(JSON.stringify(job, (key, value: unknown) => (['deadLetters', 'sinkErrors', 'fireError', 'states', 'timers', 'kind', 'growth', 'bytes', 'dataAt', 'time', 'firesAt'].includes(key) ? undefined : value)));

test('is shown without dead letters and waiting sinks', async () => {
  const stack = await Stack.create();
  stack.produce([['click', 10], ['view', 70]]);
  await stack.deliver(stack.writer());
  await stack.firer().step();
  stack.runtime.advance(MINUTE);
  await stack.firer().step();
  const job = older(await describeJob(stack.workshop, stack.job.id));
  expect(job.state?.sources[0]?.partitions[0]).not.toHaveProperty('deadLetters');
  const text = descriptionText(withUntold(job), { isPaid: true });
  expect(text).toContain('Source ');
  expect(withUntold(job).state?.checkpoints).toMatchObject([{ bytes: null }]);
  expect(withUntold(job).state?.sources[0]?.partitions[0]?.dataAt).toBeNull();
  const [window] = withUntold(job).state?.operators[0]?.windows ?? [];
  expect(window).toMatchObject({ kind: 'window', time: 'event', firesAt: (window?.end ?? 0) - 1 });
  expect(text).not.toMatch(/NaN|dead|undefined/);
});

test('without a state is shown, too', async () => {
  const stack = await Stack.create();
  const job = { ...older(await describeJob(stack.workshop, stack.job.id)), state: null };
  expect(descriptionText(withUntold(job), { isPaid: false })).toContain('Job ID:');
});
