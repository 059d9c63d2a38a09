import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    maxConcurrency: 2,
    // Processes that tests start come up four times as fast with compiled modules at hand.
    env: { NODE_COMPILE_CACHE: new URL('../node_modules/.cache/node-compile', import.meta.url).pathname },
  },
});
