/** Partition logs → coordinator log → sinks. */
import { firerHandler } from '../lib/lambda/firer-handler.ts';
import { tickFrom, workshopFrom } from '../lib/lambda/place.ts';
import { openTelemetry } from '../lib/lambda/telemetry.ts';

export const handler = firerHandler(await workshopFrom(process.env), openTelemetry('sluice-firer', process.env['AWS_LAMBDA_FUNCTION_NAME']), tickFrom(process.env));
