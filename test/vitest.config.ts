import { defineConfig } from 'vitest/config';
import { patchedBy } from './simulation/mutants/vitest-plugin.ts';

export default defineConfig({
  plugins: patchedBy(process.env['SLUICE_EDITS']),
  // `sluice/api` and `sluice/testing` of the examples are the sources, as tsconfig.json has it. Vite's own `module` is left out: it is for bundlers, Node cannot load it.
  ssr: { resolve: { conditions: ['sluice-source', 'node', 'development|production'] } },
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    exclude: ['test/real/**', 'test/cloud/**'], // they have configurations of their own
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    maxConcurrency: 2,
    // Processes that tests start come up four times as fast with compiled modules at hand.
    env: { NODE_COMPILE_CACHE: new URL('../node_modules/.cache/node-compile', import.meta.url).pathname },
    fsModuleCache: true,
  },
});
