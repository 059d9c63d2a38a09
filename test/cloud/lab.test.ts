/**
 * The savepoint lab through a deployed stack: every step is an execution of Step Functions, records reach the functions through event source mappings.
 * Then what only a savepoint can do: go to another bucket, and outlive its stack.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CopyObjectCommand, CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LabRun } from '../../lib/cli/lab-run.ts';
import type { LabStep } from '../../lib/cli/lab-command.ts';
import { LAB } from '../../lib/cli/lab-steps.ts';
import { clientOptions } from './emulators.ts';
import { ROOT } from './programs.ts';
import { World } from './world.ts';

const STACK = 'Lab';
const NEXT = 'Next';

const world = new World();
const s3 = new S3Client({ ...clientOptions(world.place.emulator), forcePathStyle: true });
const printed: string[] = [];
const print = (line: string): void => void printed.push(line);
const lab = new LabRun(world.dir, { out: print, err: print, progress: () => {}, input: async () => null, terminal: () => null }, world.program(STACK));

let outputs: Readonly<Record<string, string>> = {};

beforeAll(async () => {
  await world.deploy({ name: STACK });
  outputs = await world.outputs(STACK);
  await world.clearTopic(STACK, 'savepoint-events');
});
afterAll(async () => {
  s3.destroy();
  await world.close();
});

/** With savepoints where functions can write them. */
const inBucket = (step: LabStep): LabStep => ({
  ...step,
  commands: step.commands.map((command) => ({ ...command, type: command.type.map((word) => word.replace('{dir}/savepoints', outputs['Savepoints'] ?? '')) })),
});

/** The first group of what a command of the lab printed last. */
function seen(pattern: RegExp): string {
  const found = [...printed.join('\n').matchAll(new RegExp(pattern, 'g'))].at(-1)?.[1];
  if (found === undefined) throw new Error(`the lab printed nothing like ${pattern}`);
  return found;
}

test.each(LAB)('$title', async (step) => {
  const difference = await lab.take(inBucket(step), () => false);
  expect(difference, printed.join('\n')).toBeNull();
});

describe('afterwards', () => {
  test('executions are listed, and one is shown by its states', async () => {
    const job = seen(/Job ID: ([0-9a-f]{32})/);
    const listed = await world.sluice(STACK, 'executions', 'list');
    for (const workflow of ['create', 'savepoint', 'cancel']) expect(listed).toMatch(new RegExp(`${workflow} .*SUCCEEDED`));
    const [name] = (await world.sluice(STACK, 'executions', 'list', job)).match(/[0-9a-f]{32}-create-[0-9a-f]{12}/) ?? [''];
    const shown = await world.sluice(STACK, 'executions', 'show', name);
    expect(shown).toMatch(/Check and record the job\n.*Fence the sinks\n.*Start the generation\n.*Attach the event sources\n/);
  });

  test('a savepoint that was copied to another bucket and prefix is resumed there', async () => {
    const job = seen(/Job ID: ([0-9a-f]{32})/);
    const stopped = await world.sluice(STACK, 'stop', job);
    const path = /Path: (\S+)/.exec(stopped)?.[1] ?? '';
    const copy = await copied(path, 'sluice-archive', 'kept/2026');
    const resumed = await world.sluice(STACK, 'resume', job, '--from', copy);
    expect(resumed).toContain('Attach the event sources');
    await world.see(new RegExp(`: ${job} : .*\\(RUNNING\\)`), STACK, 'list', '-a');
    await world.see(new RegExp(copy), STACK, 'describe', job);
  });

  test('deleting the stack leaves a savepoint, from which the job of a new stack goes on', async () => {
    await world.destroy(STACK);
    const left = await newestSavepoint();
    const script = join(world.dir, 'next.sql');
    writeFileSync(script, `SET 'execution.savepoint.path' = '${left}';\n${sql('0-catalog.sql')}\n${sql('1-job.sql')}`);
    await world.deploy({ name: NEXT, jobs: [script] });
    const [next = ''] = (await world.sluice(NEXT, 'list', '-a')).match(/[0-9a-f]{32}/) ?? [];
    await world.see(new RegExp(left), NEXT, 'describe', next);
    // sp008 and sp009 were counted by the stack that is gone; their window ends here.
    const record = join(world.dir, 'sp010.jsonl');
    writeFileSync(record, '{"event_id":"sp010","user_id":"u001","event_type":"view","event_time":"2025-12-30T10:04:06"}\n');
    await world.sluice(NEXT, 'topic', 'produce', 'savepoint-events', '-f', record);
    const tables = join(world.dir, 'tables.sql');
    writeFileSync(tables, `${sql('0-catalog.sql')}\n${sql('1-job.sql').split('USE CATALOG default_catalog')[0]}`);
    const rows = await world.see(/7 rows in set/, NEXT, 'sql', '-i', tables, '-f', pathOf('2-query.sql'));
    expect(rows).toMatch(/2025-12-30 10:03:00.000000 \| 2025-12-30 10:04:00.000000 \| +click \| +2 \|\n\+/);
  });
});

const pathOf = (file: string): string => join(ROOT, 'lib/cli/lab', file);
const sql = (file: string): string => readFileSync(pathOf(file), 'utf8');

/** Copies every object of a savepoint; returns the path of the copy. */
async function copied(path: string, Bucket: string, prefix: string): Promise<string> {
  const { bucket, key } = placeOf(path);
  await s3.send(new CreateBucketCommand({ Bucket }));
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: `${key}/` }));
  expect(Contents.length).toBeGreaterThan(0);
  const name = key.slice(key.lastIndexOf('/') + 1);
  for (const { Key = '' } of Contents) await s3.send(new CopyObjectCommand({ Bucket, Key: `${prefix}/${name}${Key.slice(key.length)}`, CopySource: `${bucket}/${Key}` }));
  return `s3://${Bucket}/${prefix}/${name}`;
}

async function newestSavepoint(): Promise<string> {
  const { bucket, key } = placeOf(outputs['Savepoints'] ?? '');
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: `${key}/savepoint-` }));
  const newest = Contents.filter(({ Key }) => Key?.endsWith('/_metadata')).toSorted((a, b) => Number(b.LastModified) - Number(a.LastModified))[0];
  return `s3://${bucket}/${newest?.Key?.slice(0, -'/_metadata'.length)}`;
}

function placeOf(url: string): { bucket: string; key: string } {
  const { hostname, pathname } = new URL(url);
  return { bucket: hostname, key: pathname.slice(1) };
}
