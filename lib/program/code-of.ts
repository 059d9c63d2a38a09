/** The functions of a stored plan, out of the program that it names. */
import { SluiceError } from '../core/errors.ts';
import type { Uid } from '../core/numbers.ts';
import { inputsOf, type Plan, type PlanNode } from '../core/plan.ts';
import { NO_CODE, type Code, type CodeOf } from '../core/process/code.ts';
import { VERSION } from '../core/version.ts';
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
    throw otherNodes(stored, other.uid);
  }
  const named = <T>(functions: ReadonlyMap<string, T>): ReadonlyMap<string, T> => new Map([...functions].map(([uid, f]) => [names.get(uid) ?? uid, f]));
  return { decoders: named(code.decoders), transforms: named(code.transforms), functions: named(code.functions), aggregates: named(code.aggregates), ...(code.positionOf && { positionOf: code.positionOf }) };
}

/** Nothing of the job is lost by it; but only who makes the nodes that it has can take its savepoint. */
function otherNodes({ builtBy = VERSION }: Plan, uid: Uid): SluiceError {
  const onward = 'sluice resume JOB --from PATH --program FILE';
  const isOther = builtBy !== VERSION;
  return new SluiceError('CODE_MISSING', {
    message: `the program does not make the plan of the job any more: it differs at ${uid}${isOther ? `; Sluice ${builtBy} has made that plan, this is ${VERSION}` : ''}`,
    hint: isOther
      ? `the state of the job is kept: take a savepoint with Sluice ${builtBy} (sluice stop JOB), then go on with this one and the same source (${onward}); or cancel the job and go on from its last savepoint, from which all rows since then are emitted again`
      : `what a program reads from its environment must not change its plan: give it back what it had read. The state of the job is kept: it can also be canceled, and go on from its last savepoint with the same source (${onward}), from which all rows since then are emitted again`,
    details: { uid, builtBy },
  });
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
