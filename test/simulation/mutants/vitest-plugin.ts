/** Tests of a mutated engine: the same replacement as in `load-simulation.ts`, on the way through the test runner. */
import type { Plugin } from 'vitest/config';
import { applyEdits, type Edit } from './edit.ts';

const ROOT = new URL('../../../', import.meta.url);

/** `json`: the edits; without them there is no plugin. */
export function patchedBy(json: string | undefined): Plugin[] {
  if (json === undefined) return [];
  const edits: Edit[] = JSON.parse(json);
  const byModule = Map.groupBy(edits, (edit) => new URL(edit.file, ROOT).pathname);
  return [
    {
      name: 'mutant',
      enforce: 'pre',
      // All but the edited modules are those of any run, and come from the cache of transformed modules.
      api: { vitest: { ignoreFsModuleCache: true } },
      configureVitest: ({ defineCacheKeyGenerator }) => defineCacheKeyGenerator(({ id }) => (byModule.has(id) ? false : undefined)),
      transform: (source, id) => {
        const own = byModule.get(id);
        return own === undefined ? null : applyEdits(source, own);
      },
    },
  ];
}
