/** Programs that no job needs any more are removed, and no other. */
import { describe, expect, test } from 'vitest';
import { nodeCodec } from '../../lib/adapters/node/codec.ts';
import { valueState } from '../../lib/core/process/declare.ts';
import { programKey } from '../../lib/core/program-key.ts';
import { coordinatorLog } from '../../lib/engine/keys.ts';
import { readControl, storePlan } from '../../lib/engine/lifecycle/job-control.ts';
import { removeUnusedPrograms, unusedPrograms } from '../../lib/engine/unused-programs.ts';
import { generation } from '../../lib/core/numbers.ts';
import { storeProgram } from '../../lib/program/store.ts';
import { functionJob, keyedFunction } from './function-plan.ts';
import type { Blob } from '../../lib/ports/blob.ts';
import { Stack } from './stack.ts';

const DAY = 24 * 3600 * 1000;

const { plan, code } = functionJob(
  keyedFunction({
    state: { count: valueState<number>({ initial: 0 }) },
    *onEvent(_event, { state }) {
      state.count.update(state.count.value() + 1);
      yield String(state.count.value());
    },
  }),
);

const bytesOf = (name: string): Uint8Array => new TextEncoder().encode(name);
const shaOf = (name: string): string => nodeCodec.sha256(bytesOf(name));
const planOf = (name: string): typeof plan => ({ ...plan, program: shaOf(name) });

/** A job with the program `first`; there is one that nobody has run, too. */
async function running(): Promise<Stack> {
  const stack = await Stack.create({ plan: planOf('first'), code });
  for (const name of ['first', 'second', 'never']) await storeProgram(stack.stores, bytesOf(name));
  return stack;
}

const NAMES = ['first', 'second', 'never'];

/** The programs that are there when what is unused for a day has been removed. */
async function leftOn(stack: Stack, day = 2): Promise<string[]> {
  stack.runtime.advance(day * DAY);
  await removeUnusedPrograms(stack.stores, DAY);
  const kept = await Promise.all(NAMES.map(async (name) => ((await stack.stores.blob.get(programKey(shaOf(name)))) === null ? [] : [name])));
  return kept.flat();
}

/** What the sweep of its logs leaves of a generation. */
async function sweepGeneration(stack: Stack, g: number): Promise<void> {
  const key = coordinatorLog(stack.job.id, generation(g));
  const head = await stack.stores.log.head(key);
  stack.stores.log.forget((log, item) => log === key && item.seq !== head?.seq);
}

describe('a program is kept', () => {
  test('that a job runs, or has run', async () => {
    const stack = await running();
    expect(await leftOn(stack)).toEqual(['first']);
    await stack.stop();
    expect(await leftOn(stack)).toEqual(['first']);
  });

  test('while the log of a generation that has run it can be read', async () => {
    const stack = await running();
    const savepoint = await stack.stop();
    await stack.resume(savepoint, { plan: planOf('second') });
    await forgetSavepoints(stack);
    expect(await leftOn(stack)).toEqual(['first', 'second']);
    await sweepGeneration(stack, 0);
    expect(await leftOn(stack)).toEqual(['second']);
  });

  test('of which there is a savepoint, whatever has become of its generation', async () => {
    const stack = await running();
    const savepoint = await stack.stop();
    await stack.resume(savepoint, { plan: planOf('second') });
    await sweepGeneration(stack, 0);
    expect(await leftOn(stack)).toEqual(['first', 'second']);
    const blob = stack.stores.openDirectory(savepoint);
    for (const { key } of await blob.list('', { after: '', limit: 100 })) await blob.remove(key);
    expect(await leftOn(stack)).toEqual(['second']);
  });

  test('that an upgrade has replaced: the job may go back', async () => {
    const stack = await running();
    const savepoint = await stack.stop();
    await stack.resume(savepoint, { plan: planOf('second'), upgrades: true });
    await sweepGeneration(stack, 0);
    await change(stack, { savepoints: [] });
    expect(await leftOn(stack)).toEqual(['first', 'second']);
  });

  test('that a resume under way has begun with, and the one that it ends', async () => {
    const stack = await running();
    const savepoint = await stack.stop();
    await change(stack, { savepoints: [], operation: { kind: 'resume', id: '1', step: 'close', base: { kind: 'savepoint', path: savepoint }, closing: { g: generation(0), planHash: await storePlan(stack.stores, stack.job.id, planOf('never')) }, allowOffsetGap: false, lacking: [] } });
    await sweepGeneration(stack, 0);
    expect(await leftOn(stack)).toEqual(['first', 'never']);
  });

  test('for a day after it was submitted, also again', async () => {
    const stack = await running();
    stack.runtime.advance(2 * DAY);
    await storeProgram(stack.stores, bytesOf('never'));
    expect(await leftOn(stack, 0.5)).toEqual(['first', 'never']);
    expect(await leftOn(stack, 0.6)).toEqual(['first']);
  });

  test('that somebody submits while it is looked for', async () => {
    const stack = await running();
    stack.runtime.advance(2 * DAY);
    const { stores } = stack;
    const submitting: Blob = {
      put: (key, bytes) => stores.blob.put(key, bytes),
      renew: (key, bytes) => stores.blob.renew(key, bytes),
      get: (key, range) => stores.blob.get(key, range),
      remove: (key) => stores.blob.remove(key),
      list: async (prefix, page) => {
        if (prefix === programKey(shaOf('never'))) await storeProgram(stores, bytesOf('never'));
        return stores.blob.list(prefix, page);
      },
    };
    expect(await removeUnusedPrograms({ ...stores, blob: submitting }, DAY)).toBe(1);
    expect(await leftOn(stack, 0)).toEqual(['first', 'never']);
  });
});

describe('all are kept', () => {
  test('that a job has plans of whose creation is under way, or that has forgotten savepoints', async () => {
    const stack = await running();
    await storePlan(stack.stores, stack.job.id, planOf('never'));
    const { control } = await readControl(stack.stores, stack.job.id);
    const [savepoint] = (await stopped(stack)).control.savepoints;
    if (savepoint === undefined) return expect.fail('the stop has left a savepoint');
    await change(stack, { ...control, savepoints: Array.from({ length: 50 }, () => savepoint) });
    expect(await leftOn(stack)).toEqual(['first', 'never']);
    await stack.stores.control.remove({ pk: `J#${stack.job.id}`, sk: 'CTRL' });
    expect(await leftOn(stack)).toEqual(['first', 'never']);
  });

  test('where a savepoint does not say what it was taken of', async () => {
    const stack = await running();
    const savepoint = await stack.stop();
    const blob = stack.stores.openDirectory(savepoint);
    await blob.remove('_metadata');
    await blob.put('_metadata', bytesOf('{'));
    stack.runtime.advance(2 * DAY);
    await expect(unusedPrograms(stack.stores, DAY)).rejects.toMatchObject({ code: 'SAVEPOINT_CORRUPT' });
  });
});

const stopped = async (stack: Stack): ReturnType<typeof readControl> => {
  await stack.stop();
  return readControl(stack.stores, stack.job.id);
};

const forgetSavepoints = (stack: Stack): Promise<void> => change(stack, { savepoints: [] });

async function change(stack: Stack, what: object): Promise<void> {
  const { control } = await readControl(stack.stores, stack.job.id);
  await stack.stores.control.put({ pk: `J#${stack.job.id}`, sk: 'CTRL' }, JSON.stringify({ ...control, ...what }), 'any');
}
