/** What `sluice esm` runs; apart from its options, so that other commands load no clients. */
import { nodeRuntime } from '../adapters/node/runtime.ts';
import { openEventSources } from '../local/event-source/event-sources.ts';
import { followMappings } from '../local/event-source/follow.ts';
import { invokeApi } from '../local/event-source/invoke-target.ts';
import { kafkaConsumers, plainConnection } from '../local/event-source/kafka-consumer.ts';
import { mappingFile } from '../local/event-source/mapping-file.ts';
import type { PollerEvent } from '../local/event-source/poller.ts';
import type { PollingParts } from '../local/event-source/polling.ts';
import { serveRest } from '../local/event-source/rest.ts';
import { readClientProperties } from '../place/client-properties.ts';
import { brokersOf, EMBEDDED_URLS } from '../place/urls.ts';
import { printInfo, type Context } from './context.ts';
import { usage } from './errors.ts';
import type { EsmOptions } from './esm.ts';
import { counted } from './text.ts';

const PORT_MAX = 65_535;

/** Until `signal` aborts; what is under way then ends and is committed. */
export async function runEsm(context: Context, options: EsmOptions, signal: AbortSignal): Promise<void> {
  const parts = await pollingParts(context, options);
  try {
    await (options.follow === true ? follow(context, options, parts, signal) : serve(context, options, parts, signal));
  } finally {
    await parts.target.close();
  }
}

/** The brokers of the command line stand for those of every mapping. */
async function pollingParts(context: Context, { lambdaEndpoint }: EsmOptions): Promise<PollingParts> {
  const client = context.kafkaConfig === null ? {} : await readClientProperties(context.kafkaConfig);
  const brokers = brokersOf({ ...EMBEDDED_URLS, ...context.given });
  return {
    target: invokeApi({ endpoint: lambdaEndpoint === undefined ? null : urlOf(lambdaEndpoint) }),
    open: kafkaConsumers({ runtime: nodeRuntime, connectionOf: (subscription) => ({ ...client, ...plainConnection(subscription) }) }),
    runtime: nodeRuntime,
    ...(brokers.kind === 'servers' ? { brokers: brokers.servers.split(',') } : {}),
    onEvent: (uuid, event) => printEvent(context, uuid, event),
  };
}

async function serve(context: Context, { port, state, lambdaEndpoint }: EsmOptions, parts: PollingParts, signal: AbortSignal): Promise<void> {
  const sources = openEventSources({ ...parts, ...(state === undefined ? {} : { file: mappingFile(state) }) });
  try {
    const rest = await serveRest({ sources, port: portOf(port), lambdaEndpoint: lambdaEndpoint ?? null }).catch((error: unknown) => {
      throw isTaken(error) ? usage(`port ${port} is taken`, 'name another one, or --port 0 for any that is free') : error;
    });
    printInfo(context, `Event source mappings at ${rest.url}; end with Ctrl-C.`);
    await aborted(signal);
    await rest.close();
  } finally {
    await sources.close();
  }
}

async function follow(context: Context, { lambdaEndpoint }: EsmOptions, parts: PollingParts, signal: AbortSignal): Promise<void> {
  if (lambdaEndpoint === undefined) throw usage('--follow needs --lambda-endpoint', 'it names the Lambda API whose mappings are polled');
  const follower = followMappings({ ...parts, endpoint: lambdaEndpoint, onTrouble: (error) => context.console.err(`${lambdaEndpoint}: ${error.message}`) });
  printInfo(context, `Following the event source mappings of ${lambdaEndpoint}; end with Ctrl-C.`);
  await aborted(signal);
  await follower.close();
}

function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > PORT_MAX) throw usage(`--port ${text} is no port`);
  return port;
}

function urlOf(text: string): string {
  if (!URL.canParse(text)) throw usage(`--lambda-endpoint ${text} is no URL`, 'for example http://127.0.0.1:4566');
  return text;
}

const isTaken = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

function printEvent({ json, console }: Context, uuid: string, event: PollerEvent): void {
  if (json) console.out(JSON.stringify({ mapping: uuid, ...event }));
  else console.out(`${uuid}  ${eventText(event)}`);
}

function eventText(event: PollerEvent): string {
  switch (event.kind) {
    case 'assigned':
      return event.partitions.length === 0 ? 'reads no partition' : `reads ${event.partitions.length === 1 ? 'partition' : 'partitions'} ${event.partitions.join(', ')}`;
    case 'processed':
      return `${counted(event.records, 'record')} processed`;
    case 'failed':
      return `attempt ${event.attempt} failed: ${event.errorType}: ${event.message}`;
    case 'passedOver':
      return `partition ${event.partition}: the record at offset ${event.offset} is larger than an event (${event.bytes} bytes) and is passed over`;
    case 'commitFailed':
      return `offsets not committed: ${event.message}`;
    case 'trouble':
      return event.message;
  }
}
