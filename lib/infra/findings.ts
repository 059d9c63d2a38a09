/**
 * The one list of what a security review would ask about: wildcards in policies and rules of cdk-nag (AwsSolutions) that do not hold, each with
 * the reason. A finding that is not in it fails the tests.
 */
import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

export interface Accepted {
  /** Ids of cdk-nag; a part in brackets is one finding of a rule. */
  readonly ids: readonly string[];
  readonly reason: string;
}

/** Wildcards: `actions` and `resources` as the template has them, logical ids aside. */
export const ACCEPTED: readonly Accepted[] = [];

export function acknowledgeFindings(platform: IConstruct): void {
  const rules = ACCEPTED.flatMap(({ ids, reason }) => ids.map((id) => ({ id, reason })));
  if (rules.length > 0) Validations.of(platform).acknowledge(...rules);
}
