/** Security review by cdk-nag: every finding has a reason in lib/infra/findings.ts. */
import { AwsSolutionsChecks } from 'cdk-nag';
import { expect, test } from 'vitest';
import { newPlatform, KINDS, jobIn } from './kit.ts';

const findings = (platform: ReturnType<typeof newPlatform>['platform']): string[] =>
  new AwsSolutionsChecks().validateScope(platform).violations.flatMap(({ ruleName, violatingResources }) => violatingResources.map(({ constructPath }) => `${ruleName} ${constructPath ?? ''}`));

test.each(Object.entries(KINDS))('%s has no finding without a reason', (_, make) => {
  const { platform } = make();
  jobIn(platform);
  expect(findings(platform)).toEqual([]);
});

test('a wildcard without a reason is a finding', () => {
  const { platform } = newPlatform();
  platform.functions.writer.allow(['dynamodb:*'], ['*']);
  expect(findings(platform)).toEqual(expect.arrayContaining([expect.stringContaining('AwsSolutions-IAM5[Action::dynamodb:*]')]));
});
