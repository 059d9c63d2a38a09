import { defineConfig } from 'vitest/config';

/** Tests against real servers: one file after the other, since they share the servers and two cores. */
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/real/**/*.test.ts'],
    globalSetup: 'test/real/setup.ts',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 60_000,
    fileParallelism: false,
    maxWorkers: 1,
    maxConcurrency: 1,
    env: { NODE_COMPILE_CACHE: new URL('../../node_modules/.cache/node-compile', import.meta.url).pathname },
  },
});
