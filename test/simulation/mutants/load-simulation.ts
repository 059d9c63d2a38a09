/**
 * The seam that only tests have: the simulation with a mutated engine. A module hook of this process changes the text of the edited modules
 * between reading and type stripping; what lies on the disk, and what ships, knows nothing of it.
 */
import { registerHooks, type LoadHookSync } from 'node:module';
import type { Config } from '../configs.ts';
import type { simulate } from '../simulate.ts';
import { applyEdits, type Edit } from './edit.ts';

export interface Simulation {
  readonly simulate: typeof simulate;
  readonly configs: Readonly<Record<string, Config>>;
}

const ROOT = new URL('../../../', import.meta.url);

/** Loads the simulation into this process, which must not have loaded any of the edited modules before. */
export async function loadSimulation(edits: readonly Edit[]): Promise<Simulation> {
  const loaded = edits.length === 0 ? new Set<string>() : patchModules(edits);
  const { simulate } = await import('../simulate.ts');
  const { CONFIGS } = await import('../configs.ts');
  const missed = edits.find((edit) => !loaded.has(urlOf(edit.file)));
  if (missed !== undefined) throw new Error(`${missed.file} is no part of the simulation, or was loaded before it could be edited`);
  return { simulate, configs: CONFIGS };
}

/** Returns the URLs of the edited modules, as they come to be loaded. */
function patchModules(edits: readonly Edit[]): ReadonlySet<string> {
  const byModule = Map.groupBy(edits, (edit) => urlOf(edit.file));
  const loaded = new Set<string>();
  const load: LoadHookSync = (url, context, nextLoad) => {
    const module = nextLoad(url, context);
    const own = byModule.get(url);
    if (own === undefined) return module;
    loaded.add(url);
    return { ...module, source: applyEdits(textOf(module.source), own) };
  };
  registerHooks({ load });
  return loaded;
}

const urlOf = (file: string): string => new URL(file, ROOT).href;

function textOf(source: ReturnType<LoadHookSync>['source']): string {
  if (source === undefined || source === null) throw new Error('a module without a source cannot be edited');
  return typeof source === 'string' ? source : new TextDecoder().decode(source);
}
