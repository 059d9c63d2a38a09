import { defineConfig } from 'vitest/config';
import { LOCALSTACK_ENDPOINT } from './emulators.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const isLocalStackThere = process.env[LOCALSTACK_ENDPOINT] !== undefined;

/** One after the other: each has Kafka and functions of its own on the same few cores. */
const EMULATORS = isLocalStackThere ? ['ministack', 'localstack'] : ['ministack'];

/** The same tests once for each emulator; the summary names them, and says which did not run. */
export default defineConfig({
  test: {
    reporters: ['default', new URL('summary.ts', import.meta.url).pathname],
    fileParallelism: false,
    maxWorkers: 1,
    projects: EMULATORS.map((name, order) => ({
      test: {
        name,
        root: ROOT,
        include: ['test/cloud/**/*.test.ts'],
        globalSetup: 'test/cloud/setup.ts',
        testTimeout: 180_000,
        hookTimeout: 180_000,
        teardownTimeout: 60_000,
        maxWorkers: 1,
        fileParallelism: false,
        maxConcurrency: 1,
        sequence: { groupOrder: order, concurrent: false },
      },
    })),
  },
});
