/**
 * Programs that a store keeps and nobody needs any more. Needed is what CTRL names, what a generation runs whose log can still be read, and what a savepoint
 * was taken of. Where that cannot be told, nothing is unused. Reads facts and decides; the deleting is the caller's.
 */
import { isError } from '../core/errors.ts';
import { generation, type JobId } from '../core/numbers.ts';
import type { Plan } from '../core/plan.ts';
import { programKey, PROGRAMS } from '../core/program-key.ts';
import type { BlobInfo } from '../ports/blob.ts';
import type { ControlItem } from '../ports/control.ts';
import type { LogKey } from '../ports/log.ts';
import type { Ports } from '../ports/ports.ts';
import { locationOf } from '../savepoint/location.ts';
import { describeSavepoint } from '../savepoint/verify.ts';
import { controlKey, coordinatorLog, generationKey, planKey } from './keys.ts';
import { allJobs, readPlan, SAVEPOINTS_MAX, type GenerationItem, type JobControl } from './lifecycle/job-control.ts';

type ProgramPorts = Pick<Ports, 'control' | 'log' | 'blob' | 'codec' | 'runtime' | 'openDirectory'>;

const PAGE = 1000;

/**
 * Keys of objects. `ageMs`: younger ones may be on their way into a job; whoever submits a program that is there makes it young again.
 * Throws what the stores throw, and SAVEPOINT_CORRUPT and the like for a savepoint that does not say what it was taken of.
 */
export async function unusedPrograms(ports: ProgramPorts, ageMs: number): Promise<string[]> {
  const old = (await storedPrograms(ports)).filter((info) => isOlder(ports, info, ageMs));
  if (old.length === 0) return [];
  const needed = new Set<string>();
  for (const id of await allJobs(ports)) for (const sha of await programsOf(ports, id)) needed.add(programKey(sha));
  return old.map(({ key }) => key).filter((key) => !needed.has(key));
}

/** Removes what is unused, unless somebody has submitted it meanwhile; returns how many there were. */
export async function removeUnusedPrograms(ports: ProgramPorts, ageMs: number): Promise<number> {
  let removed = 0;
  for (const key of await unusedPrograms(ports, ageMs)) {
    const [info] = await ports.blob.list(key, { after: '', limit: 1 });
    if (info?.key !== key || !isOlder(ports, info, ageMs)) continue;
    await ports.blob.remove(key);
    removed++;
  }
  return removed;
}

const isOlder = ({ runtime }: Pick<Ports, 'runtime'>, { modifiedAt }: BlobInfo, ageMs: number): boolean => modifiedAt < runtime.now() - ageMs;

async function storedPrograms({ blob }: Pick<Ports, 'blob'>): Promise<BlobInfo[]> {
  const found: BlobInfo[] = [];
  for (;;) {
    const page = await blob.list(PROGRAMS, { after: found.at(-1)?.key ?? '', limit: PAGE });
    found.push(...page);
    if (page.length < PAGE) return found;
  }
}

/** All that a job needs. */
async function programsOf(ports: ProgramPorts, id: JobId): Promise<string[]> {
  const item = await ports.control.get(controlKey(id));
  const control: JobControl | null = item === null ? null : JSON.parse(item.body);
  // Its creation is under way, or did not come to its end; or there are savepoints that CTRL has forgotten.
  if (control === null || control.savepoints.length >= SAVEPOINTS_MAX) return programsIn(await itemsOf(ports, planKey(id, '').pk, planKey(id, '').sk));
  const hashes = new Set([...plansNamedIn(control), ...(await plansOfGenerations(ports, id))]);
  const plans = await Promise.all([...hashes].map((hash) => readPlan(ports, id, hash)));
  const savepoints = await Promise.all(savepointsNamedIn(control).map((path) => programOfSavepoint(ports, path)));
  return [...plans.map(({ program }) => program), ...savepoints].flatMap((sha) => sha ?? []);
}

function plansNamedIn({ planHash, begun, replaced, operation }: JobControl): string[] {
  const closing = operation !== null && 'closing' in operation ? operation.closing : null;
  const base = operation !== null && 'base' in operation && operation.base?.kind === 'last-state' ? operation.base : null;
  return [planHash, ...[begun, replaced, closing, base].flatMap((named) => named?.planHash ?? [])];
}

function savepointsNamedIn({ savepoints, replaced, operation }: JobControl): string[] {
  const base = operation !== null && 'base' in operation && operation.base?.kind === 'savepoint' ? [operation.base.path] : [];
  return [...new Set([...savepoints.map(({ path }) => path), ...(replaced === null ? [] : [replaced.savepoint]), ...base])];
}

/** Of those that are not swept: what has nothing but its head can be loaded by nobody. */
async function plansOfGenerations(ports: ProgramPorts, id: JobId): Promise<string[]> {
  const first = generationKey(id, generation(0));
  const prefix = first.sk.slice(0, -1);
  const hashes: string[] = [];
  for (const { sk, body } of await itemsOf(ports, first.pk, prefix)) {
    const { planHash }: GenerationItem = JSON.parse(body);
    if (!(await isSwept(ports, coordinatorLog(id, generation(Number(sk.slice(prefix.length))))))) hashes.push(planHash);
  }
  return hashes;
}

async function isSwept({ log }: Pick<Ports, 'log'>, key: LogKey): Promise<boolean> {
  const { items, more } = await log.readAfter(key, -1, 1);
  return items.length === 1 && !more && items.every(({ seq }) => seq > 0);
}

/** Null for one that is not there any more, and for one of SQL. */
async function programOfSavepoint({ openDirectory, codec }: ProgramPorts, path: string): Promise<string | null> {
  const directory = locationOf(path);
  try {
    return (await describeSavepoint({ blob: openDirectory(directory), codec }, directory)).plan.program ?? null;
  } catch (error) {
    if (isError(error, 'SAVEPOINT_NOT_FOUND')) return null;
    throw error;
  }
}

const programsIn = (plans: readonly ControlItem[]): string[] =>
  plans.flatMap(({ body }) => {
    const { program }: Plan = JSON.parse(body);
    return program ?? [];
  });

async function itemsOf({ control }: Pick<Ports, 'control'>, pk: string, prefix: string): Promise<ControlItem[]> {
  const found: ControlItem[] = [];
  for (;;) {
    const page = await control.list(pk, prefix, { after: found.at(-1)?.sk ?? '', limit: PAGE });
    found.push(...page);
    if (page.length < PAGE) return found;
  }
}
