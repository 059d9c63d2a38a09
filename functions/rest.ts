/** The REST API behind a function URL. */
import { restHandler } from '../lib/lambda/rest-handler.ts';
import { restFrom } from '../lib/lambda/rest-place.ts';
import { openTelemetry } from '../lib/lambda/telemetry.ts';

export const handler = restHandler(await restFrom(process.env, openTelemetry('sluice-rest', process.env['AWS_LAMBDA_FUNCTION_NAME'])));
