/** What documents show is there: the example of the README, and the commands of the pipeline. */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '../..');
const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly needs?: string;
  readonly 'timeout-minutes': number;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

interface Pipeline {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const pipeline: Pipeline = parse(textOf('.github/workflows/deploy.yml'), { uniqueKeys: true });
const jobs = Object.entries(pipeline.jobs);
const steps = jobs.flatMap(([, job]) => job.steps);
const commands = steps.flatMap(({ run }) => (run === undefined ? [] : [run]));

test('the example of the README is one that is type-checked', () => {
  const example = textOf('test/infra/examples/msk.ts').replace("'../../../lib/infra/index.ts'", "'sluice/infra'");
  expect(textOf('lib/infra/README.md')).toContain(`\`\`\`ts\n${example}\`\`\``);
});

test('files that the README lists are there, and none is missing', () => {
  const [table = ''] = /\| file \| what \|[^]*?\n\n/.exec(textOf('lib/infra/README.md')) ?? [];
  const listed = [...table.matchAll(/`([a-z-]+\.ts)`/g)].map(([, name]) => name).toSorted();
  expect(listed).toEqual(readdirSync(join(ROOT, 'lib/infra')).filter((name) => name.endsWith('.ts') && name !== 'index.ts').toSorted());
});

test('the pipeline goes from tests by way of the emulator to the account', () => {
  expect(Object.keys(pipeline.on)).toEqual(['pull_request', 'push']);
  expect(jobs.map(([name, { needs }]) => [name, needs])).toEqual([['check', undefined], ['localstack', 'check'], ['deploy', 'localstack']]);
  const order = (job: string, ...parts: string[]): boolean => {
    const text = pipeline.jobs[job]?.steps.map(({ run = '' }) => run).join('\n') ?? '';
    return parts.every((part, i) => text.indexOf(part) > (i === 0 ? -1 : text.indexOf(parts[i - 1] ?? '')));
  };
  expect(order('check', 'npm ci', 'npm test', 'cdk synth')).toBe(true);
  expect(order('localstack', 'docker compose', 'deploy:local -- up', 'deploy:local -- down')).toBe(true);
  expect(order('deploy', 'plan', 'cdk deploy')).toBe(true);
});

test('no job has more permissions or time than it needs', () => {
  expect(pipeline.permissions).toEqual({ contents: 'read' });
  expect(jobs.filter(([, { permissions }]) => permissions !== undefined).map(([name, { permissions }]) => [name, permissions])).toEqual([['deploy', { contents: 'read', 'id-token': 'write' }]]);
  for (const [, job] of jobs) expect(job['timeout-minutes']).toBeLessThanOrEqual(90);
});

test('every step either uses an action of a version or runs a command, and no expression is pasted into a shell', () => {
  for (const step of steps) expect([step.uses, step.run].filter((each) => each !== undefined)).toHaveLength(1);
  for (const { uses } of steps) if (uses !== undefined) expect(uses).toMatch(/^[\w-]+\/[\w-]+@v\d+$/);
  expect(commands.filter((command) => command.includes('${{'))).toEqual([]);
});

test('every variable of a command is in its environment', () => {
  for (const { run = '', env = {} } of steps) expect([...run.matchAll(/\$([A-Z_]+)/g)].flatMap(([, name = '']) => (name in env ? [] : [name]))).toEqual([]);
});

test('every script, service and context key that a command names exists', () => {
  const { scripts } = JSON.parse(textOf('package.json'));
  const named = commands.flatMap((command) => [...command.matchAll(/npm (?:run (?:-s )?([\w:-]+)|(test))/g)].map(([, script, own]) => script ?? own));
  expect(named).toEqual(['test', 'deploy:local', 'deploy:local', 'sluice']);
  for (const script of named) expect(scripts).toHaveProperty([String(script)]);
  expect(existsSync(join(ROOT, 'package-lock.json'))).toBe(true);
  expect(parse(textOf('compose.yaml')).services.aws.profiles).toEqual(['aws']);
  const keys = commands.flatMap((command) => [...command.matchAll(/-c sluice:([\w-]+)=/g)].map(([, key]) => key));
  const known = [...textOf('lib/infra/context.ts').matchAll(/(?:text|list)\('([\w-]+)'\)/g)].map(([, key]) => key);
  expect(keys.filter((key) => key !== 'stack' && !known.includes(key))).toEqual([]);
  expect(textOf('bin/app.ts')).toContain("'sluice:stack'");
});

test('every command of cdk and sluice exists, with its options', { timeout: 60_000 }, async () => {
  const help = async (script: string, ...args: string[]): Promise<string> => (await promisify(execFile)(process.execPath, [script, ...args, '--help'], { cwd: ROOT })).stdout;
  const cdk = commands.flatMap((command) => [...command.matchAll(/npx cdk (\w+)(.*)/g)].map(([, name = '', rest = '']) => ({ name, options: [...rest.matchAll(/--[\w-]+/g)].map(([option]) => option) })));
  expect(cdk.map(({ name }) => name)).toEqual(['synth', 'deploy']);
  for (const { name, options } of cdk) {
    const usage = await help('node_modules/aws-cdk/bin/cdk', name);
    for (const option of ['--context', ...options]) expect(usage).toContain(option);
  }
  const [, name = '', options = ''] = /sluice -- --stack "\$STACK" (\w+) (.*)/.exec(commands.join('\n')) ?? [];
  const sluice = await help('bin/sluice.ts', name);
  expect(sluice).toContain(`Usage: sluice ${name}`);
  for (const [option] of `${options} --stack`.matchAll(/--[\w-]+/g)) expect(sluice).toContain(option);
});
