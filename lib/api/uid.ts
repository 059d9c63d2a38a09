/** Uids as programs give them, and those of what has none. */
import { freeUid, MAX_LENGTH } from '../core/sibling-uid.ts';
import { uid as uidOf, type Uid } from '../core/numbers.ts';
import { refuse } from './refusal.ts';
import type { Transformation } from './transformation.ts';

const UID = new RegExp(`^[A-Za-z0-9_-]{1,${MAX_LENGTH}}$`);

/** The uid itself; throws JOB_DEFINITION. */
export function checkedUid(uid: string, where: string): Uid {
  if (UID.test(uid)) return uidOf(uid);
  return refuse(where, `'${uid}' is no uid`, `A uid has 1 to ${MAX_LENGTH} of the characters A-Z, a-z, 0-9, _ and -.`);
}

/** The uid of each: as given, or of the first input with the suffix. `taken` are those of other nodes. */
export function assignUids(transformations: readonly Transformation[], taken: Iterable<Uid>): ReadonlyMap<Transformation, Uid> {
  const uids = new Map<Transformation, Uid>();
  const used = new Set<Uid>(taken);
  for (const transformation of transformations) {
    if (transformation.uid === null) continue;
    const uid = checkedUid(transformation.uid, `${transformation.suffix} ${transformation.uid}`);
    if (used.has(uid)) refuse(`${transformation.suffix} ${uid}`, `another operator has the uid '${uid}'`, 'Give each operator, source and sink a uid of its own.');
    uids.set(transformation, uid);
    used.add(uid);
  }
  for (const transformation of transformations) {
    if (transformation.uid !== null) continue;
    const [input] = transformation.inputs;
    const above = input === undefined ? undefined : uids.get(input);
    const uid = freeUid(derived(above, transformation.suffix), (candidate) => used.has(candidate));
    uids.set(transformation, uid);
    used.add(uid);
  }
  return uids;
}

function derived(above: Uid | undefined, suffix: string): Uid {
  const own = suffix.replaceAll(/[^A-Za-z0-9_-]/g, '_');
  return uidOf((above === undefined ? own : `${above}-${own}`).slice(-MAX_LENGTH));
}
