/** The functions of a stored plan, out of the program that it names. */
import { SluiceError } from '../core/errors.ts';
import type { Uid } from '../core/numbers.ts';
import { inputsOf, type Plan, type PlanNode } from '../core/plan.ts';
import { NO_CODE, type Code, type CodeOf } from '../core/process/code.ts';
import type { Ports } from '../ports/ports.ts';
import type { Program } from './load.ts';
import { readProgram } from './store.ts';

/** Programs are loaded once, as long as that succeeds. Throws CODE_MISSING, STORE_CORRUPT, JOB_DEFINITION. */
export function codeFrom(ports: Pick<Ports, 'blob' | 'codec'>): CodeOf {
  const loaded = new Map<string, Promise<Program>>();
  return async (plan) => {
    const sha = plan.program;
    if (sha === undefined) return NO_CODE;
    const program = loaded.get(sha) ?? load(ports, sha);
    loaded.set(sha, program);
    try {
      const { plan: built, code } = (await program).build();
      return underNamesOf(plan, built, code);
    } catch (error) {
      loaded.delete(sha);
      throw error;
    }
  };
}

/** The API is loaded with the first program: functions that run SQL do without. */
async function load(ports: Pick<Ports, 'blob' | 'codec'>, sha: string): Promise<Program> {
  const { loadProgram } = await import('./load.ts');
  return loadProgram(await readProgram(ports, sha), `program ${sha.slice(0, 12)}`);
}

/** A plan that takes over a state gives some nodes the uids that they have there (`recognize`), and keeps their order. */
function underNamesOf(stored: Plan, built: Plan, code: Code): Code {
  const names: ReadonlyMap<string, Uid> = new Map(built.nodes.map(({ uid }, i) => [uid, stored.nodes[i]?.uid ?? uid]));
  const nameOf = (uid: Uid): Uid => names.get(uid) ?? uid;
  const differs = (node: PlanNode, i: number): boolean => shapeOf(node, nameOf) !== shapeOf(stored.nodes[i], (uid) => uid);
  const other = built.nodes.length === stored.nodes.length ? built.nodes.find(differs) : (built.nodes[stored.nodes.length] ?? stored.nodes[built.nodes.length]);
  if (other !== undefined) {
    throw new SluiceError('CODE_MISSING', {
      message: `the program does not make the plan of the job any more: it differs at ${other.uid}`,
      hint: 'what a program reads from its environment must not change its plan; submit it again',
      details: { uid: other.uid },
    });
  }
  const named = <T>(functions: ReadonlyMap<string, T>): ReadonlyMap<string, T> => new Map([...functions].map(([uid, f]) => [names.get(uid) ?? uid, f]));
  return { decoders: named(code.decoders), transforms: named(code.transforms), functions: named(code.functions), aggregates: named(code.aggregates) };
}

/** What functions rely on. Where tables lie depends on the place that the program was submitted from; the stored plan says it. */
function shapeOf(node: PlanNode | undefined, nameOf: (uid: Uid) => Uid): string {
  if (node === undefined) return '';
  const { kind, columns } = node;
  const inputs = inputsOf(node).map(nameOf);
  if (node.kind === 'source') return JSON.stringify({ kind, columns, format: node.format.kind });
  if (node.kind === 'sink') return JSON.stringify({ kind, columns, inputs });
  return JSON.stringify({ ...node, uid: nameOf(node.uid), family: undefined, input: undefined, inputs });
}
