/** Kafka event source mapping → partition logs. */
import { lambdaInvoke } from '../lib/lambda/invoke.ts';
import { workshopFrom } from '../lib/lambda/place.ts';
import { openTelemetry } from '../lib/lambda/telemetry.ts';
import { writerHandler } from '../lib/lambda/writer-handler.ts';

export const handler = writerHandler(await workshopFrom(process.env), openTelemetry('sluice-writer', process.env['AWS_LAMBDA_FUNCTION_NAME']), lambdaInvoke(process.env));
