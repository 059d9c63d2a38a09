/** Programs in directories of their own. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundleProgram } from '../../lib/program/bundle.ts';
import { loadProgram, type Program } from '../../lib/program/load.ts';
import { temporaryDirectory } from '../adapters/temporary.ts';

/** Writes files into a fresh directory; the path of the first one. */
export function filesOf(files: Readonly<Record<string, string>>): string {
  const dir = temporaryDirectory();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return join(dir, Object.keys(files)[0] ?? '');
}

/** From TypeScript to what it exports. */
export async function loaded(files: Readonly<Record<string, string>>): Promise<Program> {
  const file = filesOf(files);
  return loadProgram(await bundleProgram(file), file);
}
