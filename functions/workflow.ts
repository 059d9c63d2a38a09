/** The tick, and steps of operations for Step Functions. */
import { consumersFrom } from '../lib/lambda/consumers.ts';
import { lambdaInvoke } from '../lib/lambda/invoke.ts';
import { workshopFrom } from '../lib/lambda/place.ts';
import { openTelemetry } from '../lib/lambda/telemetry.ts';
import { workflowHandler } from '../lib/lambda/workflow-handler.ts';

export const handler = workflowHandler(await workshopFrom(process.env, consumersFrom(process.env)), openTelemetry('sluice-workflow', process.env['AWS_LAMBDA_FUNCTION_NAME']), lambdaInvoke(process.env));
