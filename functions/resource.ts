/** CloudFormation's custom resource behind jobs: starts executions. */
import { nodeCodec } from '../lib/adapters/node/codec.ts';
import { putText } from '../lib/adapters/node/put-text.ts';
import { nodeRuntime } from '../lib/adapters/node/runtime.ts';
import { lambdaPrograms } from '../lib/lambda/programs.ts';
import { resourceHandler } from '../lib/lambda/resource-handler.ts';
import { lambdaStart } from '../lib/lambda/start-execution.ts';
import { VARIABLES } from '../lib/workflows/environment.ts';

export const handler = resourceHandler({
  machines: process.env[VARIABLES.stateMachines],
  start: lambdaStart(),
  put: putText,
  keep: lambdaPrograms(process.env),
  codec: nodeCodec,
  runtime: nodeRuntime,
});
