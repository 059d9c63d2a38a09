/**
 * `npm run services -- up|down|status`: Kafka, DynamoDB and S3 for development; `compose` furnishes those of compose.yaml. What programs need is printed as `export NAME=value` on the standard
 * output, all else on the standard error: `eval "$(npm run -s services -- up)"`.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { COMPOSE_ENDPOINTS, environmentOf, type Running } from './environment.ts';
import { type DynamoEngine, SERVICES, type ServiceName } from './launch.ts';
import { down, furnish, status, up, type Wanted } from './services.ts';

const USAGE = `npm run services -- up|down|status|compose [--only kafka,dynamodb,s3] [--dir .sluice-services] [--dynamodb local|dynoxide]`;

interface Options extends Wanted {
  /** Named with --only: missing ones are an error. */
  readonly isAsked: boolean;
}

const isService = (word: string): word is ServiceName => SERVICES.some((name) => name === word);
const isEngine = (word: string): word is DynamoEngine => word === 'local' || word === 'dynoxide';

function optionsOf({ only, dir, dynamodb }: { only?: string; dir: string; dynamodb: string }): Options {
  const names = only?.split(',') ?? SERVICES;
  const known = names.filter(isService);
  if (known.length < names.length) throw new Error(`--only takes ${SERVICES.join(', ')}`);
  if (!isEngine(dynamodb)) throw new Error('--dynamodb takes local or dynoxide');
  return { dir: resolve(dir), names: known, dynamo: dynamodb, isAsked: only !== undefined };
}

function printExports(running: Parameters<typeof environmentOf>[0]): void {
  for (const [name, value] of Object.entries(environmentOf(running))) console.log(`export ${name}=${value}`);
}

const COMMANDS: Readonly<Record<string, (options: Options) => Promise<number>>> = {
  up: async (options) => {
    const { running, absent } = await up(options);
    describe(running, options.dir);
    for (const { name, kind, why } of absent) console.error(`${name}: ${kind}. ${why}`);
    printExports(running);
    return absent.some(({ kind }) => kind === 'failed' || options.isAsked) ? 1 : 0;
  },
  down: async (options) => {
    const stopped = await down(options);
    for (const [name, { pid }] of stopped) console.error(`${name}: stopped, was process ${pid}`);
    if (stopped.size === 0) console.error('nothing runs');
    return 0;
  },
  status: async (options) => {
    const running = await status(options);
    describe(running, options.dir);
    if (running.size === 0) console.error('nothing runs');
    printExports(running);
    return 0;
  },
  compose: async ({ names = SERVICES }) => {
    const running = new Map(names.map((name) => [name, { endpoint: COMPOSE_ENDPOINTS[name] }]));
    for (const [name, { endpoint }] of running) await furnish(name, endpoint);
    printExports(running);
    return 0;
  },
};

function describe(running: Running, dir: string): void {
  for (const [name, { pid, endpoint, engine }] of running) console.error(`${name}: ${engine} at ${endpoint}, process ${pid}, data and log in ${dir}/${name}`);
}

async function main(): Promise<number> {
  try {
    const options = { only: { type: 'string' }, dir: { type: 'string', default: '.sluice-services' }, dynamodb: { type: 'string', default: 'local' } } as const;
    const { positionals, values } = parseArgs({ allowPositionals: true, options });
    const command = COMMANDS[positionals[0] ?? ''];
    if (command === undefined || positionals.length > 1) throw new Error(USAGE);
    return await command(optionsOf(values));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 2;
  }
}

process.exitCode = await main();
