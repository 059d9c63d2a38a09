/** `sluice up [--once]`: runs the jobs of a platform until it is interrupted. */
import { InvalidArgumentError } from 'commander';
import { Counted } from '../control/metrics/counted.ts';
import { MetricsReader } from '../control/metrics/reader.ts';
import type { RunnerEvent } from '../local/runner-event.ts';
import { runUp, type RunnerOptions } from '../local/runner.ts';
import { requireAnswers } from '../place/prepare.ts';
import { isReal } from '../place/urls.ts';
import type { SluiceError } from '../core/errors.ts';
import { contextOf, printInfo, urlsOnlyHere, withPlace, type AddCommand, type Context, type Place } from './context.ts';
import { counting, type ToldEvent } from './count-events.ts';
import { examples } from './examples.ts';
import { untilInterrupted } from './interrupt.ts';
import { otlpSettings, parseOtlp, withOtlp } from './otlp.ts';
import { planeIn, withRest } from './rest.ts';
import { addRestOptions, type RestOptions } from './rest-options.ts';
import { withProgress } from './progress.ts';
import { ReadSoFar } from './read-so-far.ts';
import { counted } from './text.ts';

interface UpOptions extends RestOptions {
  readonly once?: true;
  /** False with `--no-rest`. */
  readonly rest: boolean;
  readonly otlp?: string;
  readonly batchSize: number;
  readonly batchWindow: number;
}

export const addUp: AddCommand = (program, console) => {
  addRestOptions(program.command('up'))
    .description('run the jobs of the data directory, or of the store that is named, until Ctrl-C')
    .summary('run jobs')
    .option('--batch-size <records>', 'of one event, where functions run the jobs', parseCount, 1000)
    .option('--batch-window <seconds>', 'for which an event is waited for, where functions run the jobs', parseSeconds, 0)
    .option('--no-rest', 'do not serve the REST API')
    .option('--otlp <url>', 'send metrics to this collector of OpenTelemetry, as OTEL_EXPORTER_OTLP_ENDPOINT does', parseOtlp)
    .option('--once', 'end when all input is read and all windows that are due are emitted')
    .addHelpText('after', examples(['up', "runs jobs, and serves Flink's REST API on port 8081"], ['up --once', 'ends when all that is there has been read'], ['--kafka localhost:9092 --store dynamodb://sluice --blobs s3://bucket/sluice up', 'topics of Kafka, state in DynamoDB and S3']))
    .action(async (options: UpOptions, command) => {
      const context = contextOf(command, console);
      const urls = urlsOnlyHere(context, '`sluice up`', 'the functions of the stack run its jobs; `sluice list` shows them');
      const troubles = await withPlace(context, { create: true }, async (place) => {
        await requireAnswers(place, urls);
        printInfo(context, `Running the jobs of ${isReal(urls) ? urls.store : context.dir}; end with Ctrl-C.`);
        const counts = new Counted(place.ports.runtime);
        const soFar = new ReadSoFar();
        const count = counting(counts, (event) => printEvent(context, event));
        const onEvent = (event: RunnerEvent): void => {
          soFar.count(event);
          count(event);
        };
        const metrics = new MetricsReader({ plane: planeIn(context, place), counted: counts, offsets: place.kafka === null ? 'bytes' : 'records' });
        const work = (): Promise<readonly SluiceError[]> => untilInterrupted((signal) => run(context, place, options, { once: options.once === true, signal, onEvent }));
        const watched = (): Promise<readonly SluiceError[]> => (options.once === true ? withProgress(context, soFar.text, work) : work());
        const exported = (): Promise<readonly SluiceError[]> => withOtlp(otlpSettings(options.otlp, process.env), { metrics, console }, watched);
        return isServed(options) ? withRest(context, place, { ...options, metrics }, exported) : exported();
      });
      const [first] = troubles;
      if (options.once === true && first !== undefined) throw first;
    });
};

/** What ends by itself has nobody to answer, unless a port is named. */
const isServed = ({ rest, once, restPort }: UpOptions): boolean => rest && (once !== true || restPort !== undefined);

/** Where everything is shared, the functions that AWS runs do the work; their clients are loaded only then. */
async function run(context: Context, place: Place, { batchSize, batchWindow }: UpOptions, options: RunnerOptions): Promise<readonly SluiceError[]> {
  if (place.kafka === null || !isReal(place.urls)) return runUp(place.workshop, options);
  const { runPlatform } = await import('../local/function-runner/run-platform.ts');
  const batches = { batchSize, batchingWindowSeconds: batchWindow };
  return runPlatform({ ...options, ...batches, workshop: place.workshop, kafka: place.kafka, urls: place.urls, kafkaConfig: context.kafkaConfig, print: (line) => context.console.out(line) });
}

function parseCount(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text) && Number(text) <= 10_000) return Number(text);
  throw new InvalidArgumentError('It is a number from 1 to 10000.');
}

function parseSeconds(text: string): number {
  if (/^\d{1,3}$/.test(text) && Number(text) <= 300) return Number(text);
  throw new InvalidArgumentError('It is a whole number of seconds from 0 to 300.');
}

function printEvent({ json, console }: Context, event: ToldEvent): void {
  if (json) console.out(JSON.stringify('error' in event ? { ...event, error: errorData(event.error) } : event));
  else console.out([eventText(event), ...hintOf(event)].join('\n'));
}

const errorData = (error: SluiceError | null): object | null =>
  error === null ? null : { code: error.code, message: error.message, hint: error.hint ?? null };

const hintOf = (event: ToldEvent): string[] => ('error' in event && event.error?.hint !== undefined ? [`  hint: ${event.error.hint}`] : []);

function eventText(event: ToldEvent): string {
  switch (event.kind) {
    case 'hosting':
      return `${event.job}  running ${event.name}, generation ${event.generation}`;
    case 'released':
      return `${event.job}  released`;
    case 'fired':
      return `${event.job}  FIRE ${event.f}: ${counted(event.rows, 'row')}`;
    case 'savepoint':
      return `${event.job}  ${event.location === null ? 'savepoint failed' : `savepoint ${event.location}`}`;
    case 'partition':
      return `${event.job}  ${event.topic}-${event.partition}: ${event.error === null ? 'goes on' : `${event.error.code}: ${event.error.message}`}`;
    case 'firer':
    case 'operation':
      return `${event.job}  ${event.error.code}: ${event.error.message}`;
    case 'store':
      return `${event.error.code}: ${event.error.message}`;
  }
}
