/**
 * `npm run deploy:local -- up|down`: the app on an emulator of AWS, with Kafka and the local event source, by one command. What programs need is
 * printed as `export NAME=value` on the standard output, all else on the standard error: `eval "$(npm run -s deploy:local -- up)"`.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { COMPOSE_LOCALSTACK, emulatorAt, environmentOf, LOCALSTACK_ENDPOINT, type Emulator } from './emulators.ts';
import { startEventSources, startKafka, startMiniStack, stopServers } from './servers.ts';
import { bootstrap, deploy, destroy, type Place, type StackWanted } from './stacks.ts';

const USAGE = `npm run deploy:local -- up|down [--emulator ministack|localstack|URL] [--job JOB.sql|JOB.ts]… [-c NAME=VALUE]… [--stack Sluice] [--dir .sluice-cloud]`;

interface Options {
  readonly dir: string;
  readonly emulator: string;
  readonly stack: StackWanted;
}

/** What `up` has deployed, for `down`. */
interface Deployment {
  readonly place: Place;
  readonly stack: StackWanted;
}

const say = (text: string): void => void process.stderr.write(text);
const fileOf = (dir: string): string => join(dir, 'deployment.json');

/** Starts MiniStack, or finds what the word or the URL names. */
async function emulatorOf({ emulator, dir }: Options): Promise<Emulator> {
  if (emulator === 'ministack') return startMiniStack(dir);
  return emulatorAt(emulator === 'localstack' ? (process.env[LOCALSTACK_ENDPOINT] ?? COMPOSE_LOCALSTACK) : emulator);
}

async function up(options: Options): Promise<number> {
  const { dir, stack } = options;
  await mkdir(dir, { recursive: true });
  const emulator = await emulatorOf(options);
  const kafka = await startKafka(dir);
  const place: Place = { emulator, kafka, eventSources: await startEventSources(dir, emulator, kafka), dir: join(dir, emulator.name) };
  say(`${emulator.name} at ${emulator.endpoint}, Kafka at ${kafka}, event source mappings at ${place.eventSources}\n`);
  await bootstrap(place);
  await writeFile(fileOf(dir), JSON.stringify({ place, stack } satisfies Deployment));
  const { exitCode, ms } = await deploy(place, stack, say);
  if (exitCode !== 0) {
    say('\nThe servers still run: correct it and repeat, or end them with npm run deploy:local -- down\n');
    return 1;
  }
  say(`\ncdk deploy took ${(ms / 1000).toFixed(1)} s. Now, with what is printed below in your environment:\n`);
  for (const command of ['sql -i catalog.sql -f job.sql', 'list -a', 'describe JOB', 'savepoint JOB']) say(`  npm run -s sluice -- --stack ${stack.name} ${command}\n`);
  for (const [name, value] of Object.entries({ ...environmentOf(emulator), KAFKA: kafka })) console.log(`export ${name}=${value}`);
  return 0;
}

const outlivesUs = async (dir: string, { emulator }: Place): Promise<boolean> =>
  !existsSync(join(dir, 'ministack', 'pid.json')) && emulatorAt(emulator.endpoint).then(() => true, () => false);

/** The stack is deleted from an emulator that was there before; one of our own just ends. */
async function down({ dir }: Options): Promise<number> {
  if (!existsSync(dir)) {
    say('nothing is deployed\n');
    return 0;
  }
  const deployment: Deployment | null = existsSync(fileOf(dir)) ? JSON.parse(await readFile(fileOf(dir), 'utf8')) : null;
  try {
    if (deployment !== null && (await outlivesUs(dir, deployment.place))) await destroy(deployment.place, deployment.stack, say);
  } finally {
    await stopServers(dir);
  }
  await rm(dir, { recursive: true, force: true });
  say('stopped and removed\n');
  return 0;
}

/** Where `sluice` looks for tables that are files, unless it is told otherwise. */
const withWarehouse = (context: readonly string[]): readonly string[] =>
  context.some((each) => each.startsWith('sluice:warehouse=')) ? context : [...context, `sluice:warehouse=${resolve('.sluice/warehouse')}`];

const COMMANDS: Readonly<Record<string, (options: Options) => Promise<number>>> = { up, down };

async function main(): Promise<number> {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: {
        emulator: { type: 'string', default: 'ministack' },
        job: { type: 'string', multiple: true, default: [] },
        context: { type: 'string', short: 'c', multiple: true, default: [] },
        stack: { type: 'string', default: 'Sluice' },
        dir: { type: 'string', default: '.sluice-cloud' },
      },
    });
    const command = COMMANDS[positionals[0] ?? ''];
    if (command === undefined || positionals.length > 1) throw new Error(USAGE);
    const stack = { name: values.stack, jobs: values.job.map((file) => resolve(file)), context: withWarehouse(values.context) };
    return await command({ dir: resolve(values.dir), emulator: values.emulator, stack });
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 2;
  }
}

process.exitCode = await main();
