/** Mutants of the writer (protocol §4). */
import type { Mutant } from './mutant.ts';

export const INGEST: readonly Mutant[] = [
  {
    name: 'noOffsetDedupe',
    rule: 'W6',
    breaks: 'records that the log holds already are appended once more',
    config: 'base',
    seeds: 20,
    edits: [
      {
        file: 'lib/engine/writer/decide-commit.ts',
        find: 'const from = firstAtOrAfter(facts.offsets, head.next);',
        replace: 'const from = 0;',
      },
    ],
  },
];
