/** The tick, and the states of state machines. */
import { consumersFrom, scheduleFrom } from '../lib/lambda/consumers.ts';
import { variable, wholeNumber } from '../lib/lambda/environment.ts';
import { lambdaInvoke } from '../lib/lambda/invoke.ts';
import { workshopFrom } from '../lib/lambda/place.ts';
import { openTelemetry } from '../lib/lambda/telemetry.ts';
import { workflowHandler } from '../lib/lambda/workflow-handler.ts';
import { VARIABLES } from '../lib/workflows/environment.ts';

export const handler = workflowHandler(await workshopFrom(process.env, consumersFrom(process.env)), openTelemetry('sluice-workflow', process.env['AWS_LAMBDA_FUNCTION_NAME']), lambdaInvoke(process.env), {
  schedule: scheduleFrom(process.env),
  savepoints: variable(process.env, VARIABLES.savepoints),
  takeOverMs: wholeNumber(process.env, VARIABLES.takeOverMs, { min: 0, max: 3_600_000, unit: 'milliseconds' }) ?? 1000,
});
