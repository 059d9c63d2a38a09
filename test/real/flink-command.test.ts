/** The unmodified `flink` command against `sluice up`. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { place, submitLab } from '../cli/sluice.ts';
import { startUp } from '../cli/up-process.ts';
import { COMMAND_WITHIN_MS, flink as command, flinkJars, JARS_WITHIN_MS } from './flink-clients.ts';

let lib: string;

beforeAll(async () => {
  lib = await flinkJars();
}, JARS_WITHIN_MS);

describe('flink', { timeout: 5 * COMMAND_WITHIN_MS }, () => {
  let world: { readonly dir: string; readonly job: string; readonly address: string };

  beforeEach(async () => {
    const { dir, sluice } = place();
    const job = await submitLab(sluice);
    const up = startUp(dir, '--rest-port', '0');
    const address = /http:\/\/(127\.0\.0\.1:\d+)/.exec(await up.says('REST API is served'))?.[1] ?? '';
    await up.says(`${job}  running`);
    world = { dir, job, address };
  });

  const flink = (name: string, ...words: string[]): Promise<string> => command(lib, [name, '-m', world.address, ...words]);

  test('list', async () => {
    expect(await flink('list')).toMatch(new RegExp(`Running/Restarting Jobs[^]*: ${world.job} : insert-into_iceberg_catalog\\.demo\\.savepoint_test \\(RUNNING\\)[^]*No scheduled jobs`));
  });

  test('savepoint, and its disposal', async () => {
    const path = /Savepoint completed\. Path: file:(\S+)/.exec(await flink('savepoint', world.job, join(world.dir, 'here')))?.[1] ?? 'none';
    expect(existsSync(join(path, '_metadata'))).toBe(true);
    expect(await flink('savepoint', '--dispose', `file:${path}`)).toContain(`Savepoint 'file:${path}' disposed.`);
    expect(existsSync(join(path, '_metadata'))).toBe(false);
    expect(await flink('savepoint', '--dispose', `file:${path}`)).toContain('SAVEPOINT_NOT_FOUND: there is no savepoint at');
  });

  test('savepoint without a directory, and of no job', async () => {
    expect(await flink('savepoint', world.job)).toContain('Config key [execution.checkpointing.savepoint-dir] is not set. Property [target-directory] must be provided.');
    const nobody = `${'0'.repeat(31)}1`;
    expect(await flink('savepoint', nobody, world.dir)).toContain(`FlinkJobNotFoundException: Could not find Flink job (${nobody})`);
  });

  test('checkpoint', async () => {
    expect(await flink('checkpoint', world.job)).toMatch(new RegExp(`Checkpoint \\d+ for job ${world.job} completed\\.`));
  });

  test('stop, and a cancel that comes too late', async () => {
    expect(await flink('stop', '--drain', '--savepointPath', join(world.dir, 'here'), world.job)).toContain(`Savepoint completed. Path: file:${world.dir}/here/savepoint-`);
    expect(await flink('list', '-a')).toContain('(FINISHED)');
    expect(await flink('cancel', world.job)).toContain('the job has already reached another terminal state (FINISHED)');
  });

  test('cancel', async () => {
    expect(await flink('cancel', world.job)).toContain(`Cancelled job ${world.job}.`);
    expect(await flink('list', '-a')).toContain('(CANCELED)');
  });
});

test('a server with a token answers those who have it in their environment', { timeout: 2 * COMMAND_WITHIN_MS }, async () => {
  const { dir, file } = place();
  const token = 'x'.repeat(40);
  const said = await startUp(dir, '--rest-port', '0', '--token-file', file('token', token)).says('REST API is served');
  const list = (): Promise<string> => command(lib, ['list', '-m', /http:\/\/(127\.0\.0\.1:\d+)/.exec(said)?.[1] ?? '']);
  expect(await list()).toContain('Send the token of this server');
  vi.stubEnv('FLINK_REST_CLIENT_HEADERS', `Authorization:Bearer ${token}`);
  onTestFinished(() => void vi.unstubAllEnvs());
  expect(await list()).toContain('No running jobs.');
});
