import { defineConfig } from 'vitest/config';
import { patchedBy } from './simulation/mutants/vitest-plugin.ts';

/** Their tests change nothing but what they have made themselves: they share processes, since a new one costs as much as many a file. */
const PURE = ['api', 'conformance', 'core', 'engine', 'savepoint', 'sql'].map((folder) => `test/${folder}/**/*.test.ts`);

export default defineConfig({
  plugins: patchedBy(process.env['SLUICE_EDITS']),
  // `sluice/api` and `sluice/testing` of the examples are the sources, as tsconfig.json has it. Vite's own `module` is left out: it is for bundlers, Node cannot load it.
  ssr: { resolve: { conditions: ['sluice-source', 'node', 'development|production'] } },
  test: {
    root: new URL('..', import.meta.url).pathname,
    projects: [
      { extends: true, test: { name: 'pure', include: PURE, isolate: false } },
      // `real` and `cloud` have configurations of their own.
      { extends: true, test: { name: 'isolated', include: ['test/**/*.test.ts'], exclude: [...PURE, 'test/real/**', 'test/cloud/**'] } },
    ],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    maxConcurrency: 2,
    // Processes that tests start come up four times as fast with compiled modules at hand.
    env: { NODE_COMPILE_CACHE: new URL('../node_modules/.cache/node-compile', import.meta.url).pathname },
    fsModuleCache: true,
  },
});
