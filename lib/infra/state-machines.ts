/** The workflows as state machines: the definitions of lib/workflows, with logs and traces. */
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { stateMachine } from '../workflows/definitions.ts';
import type { WorkflowName } from '../workflows/messages.ts';
import type { PlatformFunction } from './platform-function.ts';

export interface StateMachinesProps {
  readonly workflow: PlatformFunction;
  readonly logRetention: RetentionDays;
}

export class StateMachines extends Construct {
  readonly machines: Readonly<Record<WorkflowName, StateMachine>>;

  constructor(scope: Construct, id: string, { workflow, logRetention }: StateMachinesProps) {
    super(scope, id);
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('states.amazonaws.com') });
    role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [workflow.function.functionArn] }));
    const destination = new LogGroup(this, 'Logs', { retention: logRetention, removalPolicy: RemovalPolicy.DESTROY });
    const make = (name: WorkflowName): StateMachine =>
      new StateMachine(this, idOf(name), {
        stateMachineType: StateMachineType.STANDARD,
        definitionBody: DefinitionBody.fromString(Stack.of(this).toJsonString(stateMachine(name, workflow.function.functionArn))),
        role,
        // Plans travel in the data: their SQL is nobody else's business.
        logs: { destination, level: LogLevel.ALL, includeExecutionData: false },
        tracingEnabled: true,
      });
    const [create, savepoint, stop, cancel, resume, upgrade, teardown] = [make('create'), make('savepoint'), make('stop'), make('cancel'), make('resume'), make('upgrade'), make('teardown')];
    this.machines = { create, savepoint, stop, cancel, resume, upgrade, teardown };
  }

  /** The ARNs of some of them. */
  arns(names: readonly WorkflowName[]): string[] {
    return names.map((name) => this.machines[name].stateMachineArn);
  }
}

const idOf = (name: WorkflowName): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
