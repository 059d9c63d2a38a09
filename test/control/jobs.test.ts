import { expect, test } from 'vitest';
import { MemoryControl } from '../../lib/adapters/memory/control.ts';
import { resolveJob } from '../../lib/control/jobs.ts';
import { jobListKey } from '../../lib/engine/keys.ts';
import { jobId } from '../../lib/core/numbers.ts';

test('a prefix of a job id is enough when it is unique', async () => {
  const control = new MemoryControl();
  const ids = ['ab00', 'ab11', 'cd00'].map((head) => jobId(head.padEnd(32, '0')));
  for (const id of ids) await control.put(jobListKey(id), '{}', 'absent');
  expect(await resolveJob({ control }, 'ab1')).toBe(ids[1]);
  expect(await resolveJob({ control }, 'CD')).toBe(ids[2]);
  await expect(resolveJob({ control }, 'ab')).rejects.toMatchObject({ code: 'JOB_UNKNOWN', message: '2 jobs start with ab' });
  for (const wrong of ['', 'x', 'ef', '%']) await expect(resolveJob({ control }, wrong)).rejects.toMatchObject({ code: 'JOB_UNKNOWN' });
});
