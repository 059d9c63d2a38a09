/** What an emulator does not know is left out of the template: here, and nowhere else. */
import { CfnResource } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { refused } from './refuse.ts';

/** Types that nothing else in the template refers to: they only watch, or repeat a default. */
const NOT_NEEDED = ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm', 'AWS::CloudWatch::Dashboard', 'AWS::Lambda::EventInvokeConfig'];

/** Takes all resources of these types out of the tree. Throws OPTION_INVALID for a type that something needs. */
export function leaveOut(scope: IConstruct, types: readonly string[]): void {
  for (const type of types) {
    if (NOT_NEEDED.includes(type)) continue;
    throw refused({ at: 'sluice:leave-out', what: 'this type cannot be left out', got: type, allowed: NOT_NEEDED.join(', '), fix: 'leave out one of these, or use an emulator that knows the type' });
  }
  for (const node of scope.node.findAll()) {
    if (CfnResource.isCfnResource(node) && types.includes(node.cfnResourceType)) node.node.scope?.node.tryRemoveChild(node.node.id);
  }
}
