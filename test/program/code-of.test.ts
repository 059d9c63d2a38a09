/** Functions of stored plans, out of the store. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MemoryBlob } from '../../lib/adapters/memory/blob.ts';
import { nodeCodec } from '../../lib/adapters/node/codec.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { uid, wallTime } from '../../lib/core/numbers.ts';
import type { Plan } from '../../lib/core/plan.ts';
import { NO_CODE } from '../../lib/core/process/code.ts';
import type { Blob } from '../../lib/ports/blob.ts';
import { codeFrom } from '../../lib/program/code-of.ts';
import { prepareProgram } from '../../lib/program/prepare.ts';
import { storeProgram } from '../../lib/program/store.ts';
import { filesOf } from './programs.ts';

/** A program with one function, written without the API; `loads` counts how often it was loaded. */
const PROGRAM = `
globalThis.loads = (globalThis.loads ?? 0) + 1;
const columns = [{ name: 'n', type: { kind: 'INT' }, nullable: true }];
const nodes = [
  { kind: 'source', uid: 'in', table: 't', connector: 'kafka', topics: ['t'], startup: { kind: 'earliest-offset' }, format: { kind: 'code' }, columns, eventTime: null, idleTimeoutMs: 0, options: { at: process.env.PLACE ?? '' } },
  { kind: 'code', uid: 'twice', input: 'in', columns: process.env.WIDER === undefined ? columns : [...columns, ...columns] },
  { kind: 'sink', uid: 'out', input: 'twice', table: 'o', connector: 'blackhole', columns, options: {} },
];
export default {
  build: () => ({
    plan: { formatVersion: 1, name: 'job', sql: '', nodes, options: {} },
    code: { decoders: new Map([['in', () => [1]]]), transforms: new Map([['twice', ([n], next) => next([2 * n])]]), functions: new Map(), aggregates: new Map() },
    warnings: [],
  }),
};`;

interface Stored {
  readonly plan: Plan;
  readonly sha: string;
  readonly ports: { readonly blob: Blob; readonly codec: typeof nodeCodec };
}

async function stored(program = PROGRAM): Promise<Stored> {
  const ports = { blob: new MemoryBlob(nodeRuntime), codec: nodeCodec };
  const { plan, bundle } = await prepareProgram(filesOf({ 'job.js': program }), { warehouse: '', resolvePath: String }, nodeCodec);
  if (bundle !== null) await storeProgram(ports, bundle);
  const fromStore: Plan = JSON.parse(JSON.stringify(plan));
  return { plan: fromStore, sha: plan.program ?? '', ports };
}

const loads = (): unknown => Reflect.get(globalThis, 'loads');

test('a plan names the bundle by its hash, under which the store has it', async () => {
  const { sha, ports } = await stored();
  expect(nodeCodec.sha256((await ports.blob.get(`programs/${sha}.mjs`)) ?? '')).toBe(sha);
});

test('a plan says which Sluice has made it; a plan of another one that is the same runs', async () => {
  const { plan, ports } = await stored();
  expect(plan.builtBy).toBe(JSON.parse(readFileSync('package.json', 'utf8')).version);
  expect((await codeFrom(ports)({ ...plan, builtBy: '0.0.9' })).transforms.size).toBe(1);
});

test('a program that is submitted again is that of a new submission; one that is damaged is not taken for it', async () => {
  const runtime = { now: () => wallTime(1000) };
  const ports = { blob: new MemoryBlob(runtime), codec: nodeCodec };
  const bytes = new TextEncoder().encode('program');
  const key = `programs/${nodeCodec.sha256(bytes)}.mjs`;
  const writtenAt = async (): Promise<number | undefined> => (await ports.blob.list(key, { after: '', limit: 1 }))[0]?.modifiedAt;
  await storeProgram(ports, bytes);
  runtime.now = () => wallTime(2000);
  await storeProgram(ports, bytes);
  expect(await writtenAt()).toBe(2000);
  await ports.blob.remove(key);
  await ports.blob.put(key, bytes.with(0, 0));
  await expect(storeProgram(ports, bytes)).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
});

test('the functions of a plan are those of its program, which is loaded once', async () => {
  const { plan, ports } = await stored();
  const before = Number(loads());
  const codeOf = codeFrom(ports);
  const rows: unknown[] = [];
  (await codeOf(plan)).transforms.get('twice')?.([21], (row) => rows.push(row));
  expect((await codeOf(plan)).decoders.get('in')?.(null)).toEqual([1]);
  expect(rows).toEqual([[42]]);
  expect(loads()).toBe(before + 1);
});

test('SQL has no program', async () => {
  const { plan, ports } = await stored();
  const { program: _, ...sql } = plan;
  expect(await codeFrom(ports)(sql)).toBe(NO_CODE);
});

test('a program without functions is not named', async () => {
  const none = await stored(PROGRAM.replace(/decoders: .*aggregates/, 'decoders: new Map(), transforms: new Map(), functions: new Map(), aggregates'));
  expect(none.plan.program).toBeUndefined();
});

test('a program that is gone or damaged is refused, until it is there again', async () => {
  const { plan, sha, ports } = await stored();
  const key = `programs/${sha}.mjs`;
  const whole = (await ports.blob.get(key)) ?? new Uint8Array();
  const codeOf = codeFrom(ports);
  await ports.blob.remove(key);
  await expect(codeOf(plan)).rejects.toMatchObject({ code: 'CODE_MISSING', hint: expect.stringContaining('sluice run') });
  await ports.blob.put(key, whole.with(0, 32));
  await expect(codeOf(plan)).rejects.toMatchObject({ code: 'STORE_CORRUPT', message: expect.stringContaining(key) });
  await ports.blob.remove(key);
  await ports.blob.put(key, whole);
  expect((await codeOf(plan)).transforms.size).toBe(1);
});

test('nodes that were given the uids of a state they took over have their functions all the same', async () => {
  const { plan, ports } = await stored();
  const nodes = plan.nodes.map((node) => ({ ...node, uid: uid(`old-${node.uid}`), ...('input' in node && { input: uid(`old-${node.input}`) }) }));
  const code = await codeFrom(ports)({ ...plan, nodes });
  expect([...code.decoders.keys(), ...code.transforms.keys()]).toEqual(['old-in', 'old-twice']);
});

test('where tables lie may depend on the environment, what functions work on may not', async () => {
  const { plan, ports } = await stored();
  process.env['PLACE'] = 'elsewhere';
  expect((await codeFrom(ports)(plan)).transforms.size).toBe(1);
  process.env['WIDER'] = 'yes';
  const refused = { code: 'CODE_MISSING', message: expect.stringMatching(/it differs at twice$/), hint: expect.stringMatching(/environment must not change.*state of the job is kept.*sluice resume JOB --from PATH --program FILE/) };
  await expect(codeFrom(ports)(plan)).rejects.toMatchObject(refused);
  const ofOther = {
    code: 'CODE_MISSING',
    message: expect.stringContaining('at twice; Sluice 0.0.9 has made that plan, this is 0.1.0'),
    hint: expect.stringMatching(/^the state of the job is kept: take a savepoint with Sluice 0\.0\.9 \(sluice stop JOB\), then go on with this one and the same source/),
  };
  await expect(codeFrom(ports)({ ...plan, builtBy: '0.0.9' })).rejects.toMatchObject(ofOther);
  delete process.env['PLACE'];
  delete process.env['WIDER'];
});
