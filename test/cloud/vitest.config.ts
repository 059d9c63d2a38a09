import { defineConfig } from 'vitest/config';
import { LOCALSTACK_ENDPOINT } from './emulators.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const isLocalStackThere = process.env[LOCALSTACK_ENDPOINT] !== undefined;

const EMULATORS = isLocalStackThere ? ['ministack', 'localstack'] : ['ministack'];

const README = 'test/cloud/readme.test.ts';

/** One after the other, all on the same few cores. */
const inTurn = (groupOrder: number) => ({ maxWorkers: 1, fileParallelism: false, maxConcurrency: 1, sequence: { groupOrder, concurrent: false } });

const onEmulator = (name: string, order: number) => ({
  test: {
    name,
    root: ROOT,
    include: ['test/cloud/**/*.test.ts'],
    exclude: [README],
    globalSetup: 'test/cloud/setup.ts',
    testTimeout: 180_000,
    hookTimeout: 180_000,
    teardownTimeout: 60_000,
    ...inTurn(order),
  },
});

/** The same tests once for each emulator, and README's commands, which start one themselves; the summary says what ran where, and what did not. */
export default defineConfig({
  test: {
    reporters: ['default', new URL('summary.ts', import.meta.url).pathname],
    fileParallelism: false,
    maxWorkers: 1,
    projects: [{ test: { name: 'readme', root: ROOT, include: [README], ...inTurn(EMULATORS.length) } }, ...EMULATORS.map(onEmulator)],
  },
});
