/** A program on its way to a store: its bundle, and the plan that it makes. */
import type { Plan } from '../core/plan.ts';
import { isEmptyCode, type Code } from '../core/process/code.ts';
import { VERSION } from '../core/version.ts';
import type { Codec } from '../ports/runtime.ts';
import type { Surroundings } from '../sql/plan-catalog.ts';
import { bundleProgram } from './bundle.ts';
import { loadProgram } from './load.ts';

export interface PreparedProgram {
  /** Names the bundle where a node calls a function. */
  readonly plan: Plan;
  /** What the plan calls. */
  readonly code: Code;
  /** For people. */
  readonly warnings: readonly string[];
  /** Null where the plan does without. */
  readonly bundle: Uint8Array | null;
}

/** What is built here is the bundle, not the file: what would not run later does not get into the store. Throws JOB_DEFINITION. */
export async function prepareProgram(file: string, surroundings: Surroundings, { sha256 }: Pick<Codec, 'sha256'>): Promise<PreparedProgram> {
  const bundle = await bundleProgram(file);
  const { plan, code, warnings } = (await loadProgram(bundle, file)).build(surroundings);
  return isEmptyCode(code) ? { plan, code, warnings, bundle: null } : { plan: { ...plan, program: sha256(bundle), builtBy: VERSION }, code, warnings, bundle };
}
