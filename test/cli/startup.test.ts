/** A command loads what it needs: the clients of AWS and of Kafka, and DuckDB, come with the first thing that is asked of them. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from './sluice.ts';

/** Specifiers that are loaded with a file; types are not, nor is what `import()` names. */
function loadedWith(file: string): string[] {
  const statements = readFileSync(file, 'utf8').matchAll(/^(?:import|export)\b(?! type\b)[^;]*?\bfrom '([^']+)';$/gm);
  return [...statements].flatMap(([, specifier]) => specifier ?? []);
}

function packagesBehind(entry: string): Set<string> {
  const [packages, files] = [new Set<string>(), new Set([entry])];
  for (const file of files) {
    for (const specifier of loadedWith(file)) {
      if (specifier.startsWith('.')) files.add(resolve(dirname(file), specifier));
      else packages.add(specifier);
    }
  }
  return packages;
}

test('the command begins with its parser and Node alone', () => {
  const packages = packagesBehind(`${ROOT}lib/cli/main.ts`);
  expect([...packages].filter((name) => !name.startsWith('node:'))).toEqual(['commander']);
});

test('a stack brings the clients', () => {
  const packages = packagesBehind(`${ROOT}lib/cli/stack-place.ts`);
  expect([...packages].filter((name) => name.startsWith('@aws-sdk/')).sort()).toEqual(['@aws-sdk/client-cloudformation', '@aws-sdk/client-sfn']);
});
