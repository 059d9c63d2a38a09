/** The tick (protocol §10 b): the only thing that liveness needs. */
import { Arn, Duration, Names, Stack } from 'aws-cdk-lib';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import type { PlatformFunction } from './platform-function.ts';

const RULE_NAME_MAX = 64;

/**
 * The name is decided before the rule is made: the workflow function, which is its target, has the name in its environment and turns the
 * rule off when no job runs and on when one starts.
 *
 * It is made enabled, and every deploy that touches the rule enables it again. That is harmless: the next tick finds no job and turns it off,
 * whereas a rule that a deploy turned off under running jobs would leave them without anyone who fires. CloudFormation touches a rule only when
 * its schedule or target changes, so an ordinary deploy leaves it as it is.
 */
export const tickRuleName = (scope: Construct): string => Names.uniqueResourceName(scope, { maxLength: RULE_NAME_MAX, separator: '-' });

export const tickRuleArn = (scope: Construct, ruleName: string): string => Arn.format({ service: 'events', resource: 'rule', resourceName: ruleName }, Stack.of(scope));

export function tickRule(scope: Construct, id: string, { ruleName, workflow }: { readonly ruleName: string; readonly workflow: PlatformFunction }): Rule {
  return new Rule(scope, id, {
    ruleName,
    description: 'Sluice: wakes the firer of every running job. The workflow function turns it on and off.',
    schedule: Schedule.rate(Duration.minutes(1)),
    enabled: true,
    // The next one is a minute away.
    targets: [new LambdaTarget(workflow.function, { event: RuleTargetInput.fromObject({ action: 'tick' }), retryAttempts: 0, maxEventAge: Duration.minutes(1) })],
  });
}
