/** The template of a platform with a job, as a file: what a change of the constructs changes for everybody. Code, plans and machines have tests of their own. */
import { expect, test } from 'vitest';
import { jobIn, newPlatform, templateOf } from './kit.ts';

/** What changes with the code, and not with the constructs. */
const CHANGING: readonly [RegExp, string][] = [
  [/"S3Key": "[0-9a-f]{64}\.zip"/g, '"S3Key": "<hash>.zip"'],
  [/(CurrentVersion[0-9A-F]{8})[0-9a-f]{32}/g, '$1<hash>'],
];

function blank(key: string, value: unknown): unknown {
  if (key === 'DefinitionString') return '<definition>';
  return key === 'plan' ? '<plan>' : value;
}

test('the template is as it was', async () => {
  const { stack, platform } = newPlatform();
  jobIn(platform);
  const text = JSON.stringify(templateOf(stack).toJSON(), blank, 2);
  const stable = CHANGING.reduce((all, [pattern, by]) => all.replaceAll(pattern, by), text);
  await expect(`${stable}\n`).toMatchFileSnapshot('__snapshots__/platform.template.json');
});
