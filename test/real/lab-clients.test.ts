/** The savepoint lab by Flink's own clients alone, against `sluice up`. */
import { join } from 'node:path';
import { beforeAll, test } from 'vitest';
import { LAB, place } from '../cli/sluice.ts';
import { startUp } from '../cli/up-process.ts';
import { JARS_WITHIN_MS, sqlClientJars } from './flink-clients.ts';
import { labByClients } from './lab-by-clients.ts';

const LAB_WITHIN_MS = 480_000;

let lib: string;

beforeAll(async () => {
  lib = await sqlClientJars();
}, JARS_WITHIN_MS);

test('eight steps', { timeout: LAB_WITHIN_MS }, async () => {
  const { dir, sluice } = place();
  await sluice('topic', 'create', 'savepoint-events', '--partitions', '1');
  const address = /http:\/\/(127\.0\.0\.1:\d+)/.exec(await startUp(dir, '--rest-port', '0').says('REST API is served'))?.[1] ?? '';
  await labByClients({ lib, address, dir, savepoints: join(dir, 'savepoints'), send: (file) => sluice('topic', 'produce', 'savepoint-events', '-f', `${LAB}${file}`) });
});
