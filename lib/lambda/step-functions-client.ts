/** Client of Step Functions as a module of ours, so that a bundle can load it late. */
import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { StartExecution } from './start-execution.ts';

export function openStepFunctionsClient(): StartExecution {
  const client = new SFNClient({ maxAttempts: 5, requestHandler: { connectionTimeout: 2000, requestTimeout: 10_000, throwOnRequestTimeout: true } });
  return async (stateMachineArn, name, input) => {
    try {
      await client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
    } catch (error) {
      // CloudFormation, or an attempt whose answer was lost, has started it before.
      if (!(error instanceof ExecutionAlreadyExists)) throw error;
    }
  };
}
