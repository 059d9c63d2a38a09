/** The function group on this machine: bundles in sandboxes, and the endpoint through which they invoke one another. */
import { join } from 'node:path';
import type { FunctionName } from '../../lambda/alias.ts';
import type { PlaceUrls } from '../../place/urls.ts';
import type { FunctionOptions } from '../sandbox/local-function.ts';
import { LocalFunctions } from '../sandbox/local-functions.ts';
import { serveInvoke } from '../sandbox/invoke-endpoint.ts';

export interface HostOptions {
  readonly urls: PlaceUrls;
  /** Where the bundles are: `<directory>/<writer|firer|workflow>/index.mjs`. */
  readonly bundles: string;
  /** AWS's own variables: credentials, region, endpoints. */
  readonly environment: Readonly<Record<string, string>>;
  /** Sandboxes of the writer. */
  readonly writers: number;
  readonly onLine: (line: string) => void;
}

export interface FunctionHost {
  readonly functions: LocalFunctions;
  close(): Promise<void>;
}

/** Memory in MB and timeout in ms, as a deployment sets them; asynchronous invocations are not repeated (§10 a: the tick finds what is due). */
export const SHAPES = {
  'sluice-writer': { bundle: 'writer', memoryMb: 512, timeoutMs: 60_000, retries: 0 },
  'sluice-firer': { bundle: 'firer', memoryMb: 2048, timeoutMs: 300_000, retries: 0 },
  'sluice-workflow': { bundle: 'workflow', memoryMb: 2048, timeoutMs: 900_000, retries: 0 },
} as const satisfies Record<FunctionName, object>;

/** One firer at a time is an economy, not a safety rule (F1); a second one keeps a backlog of one job from holding up the others. */
const CONCURRENCY = { 'sluice-firer': 2, 'sluice-workflow': 1 } as const;

export async function openFunctionHost(options: HostOptions): Promise<FunctionHost> {
  const endpoint = await serveInvoke({ invoke: (request) => functions.invoke(request), close: async () => {} });
  const { store, blobs, kafka } = options.urls;
  const environment = { ...options.environment, SLUICE_STORE: store, SLUICE_BLOBS: blobs, SLUICE_KAFKA: kafka, AWS_ENDPOINT_URL_LAMBDA: endpoint.url, POWERTOOLS_LOG_LEVEL: 'DEBUG' };
  const optionsOf = (name: FunctionName): FunctionOptions => {
    const { bundle, ...shape } = SHAPES[name];
    return { ...shape, concurrency: name === 'sluice-writer' ? options.writers : CONCURRENCY[name], module: join(options.bundles, bundle, 'index.mjs'), environment };
  };
  const functions: LocalFunctions = new LocalFunctions({
    functions: { 'sluice-writer': optionsOf('sluice-writer'), 'sluice-firer': optionsOf('sluice-firer'), 'sluice-workflow': optionsOf('sluice-workflow') },
    onLine: (_, line) => options.onLine(line),
  });
  return {
    functions,
    close: async () => {
      await functions.close();
      await endpoint.close();
    },
  };
}
