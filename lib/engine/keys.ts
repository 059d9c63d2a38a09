/** Names of everything the engine stores (protocol §3, I1): the generation is part of every one of them. */
import type { Generation, JobId, PartitionId, Uid } from '../core/numbers.ts';
import { GROUPS, INSTANTS, SESSIONS } from '../core/window/pane.ts';
import type { ControlKey } from '../ports/control.ts';
import type { LogKey } from '../ports/log.ts';

const digits = (n: number, width: number): string => String(n).padStart(width, '0');
const namespace = (job: JobId, g: Generation): string => `J#${job}#g${g}`;

export const partitionLog = (job: JobId, g: Generation, p: PartitionId): LogKey => `${namespace(job, g)}#P${p}`;
export const coordinatorLog = (job: JobId, g: Generation): LogKey => `${namespace(job, g)}#C`;
export const chunkCollection = (job: JobId, g: Generation): string => `${namespace(job, g)}#W`;

const PLACES: ReadonlyMap<number, string> = new Map([[SESSIONS, 'session'], [GROUPS, 'group'], [INSTANTS, 'instant']]);

/** `<windowEnd>#<first key group>#<log position>`, `session` for sessions, `group` without a window and `instant` for rows to be put in order, with a suffix where C3 asks for one. */
export function chunkKey(windowEnd: number, firstGroup: number, position: number, attempt: number): string {
  const base = `${PLACES.get(windowEnd) ?? windowEnd}#${digits(firstGroup, 5)}#${digits(position, 16)}`;
  return attempt === 0 ? base : `${base}.${attempt}`;
}

export const spillKey = (log: LogKey, seq: number, unique: string): string =>
  `spill/${log.replaceAll('#', '/')}/${digits(seq, 16)}-${unique}`;
/** `at`: the position of the FIRE. With it no other step shares the object, so that a sweep knows by the name when it may go. */
export const resultKey = (job: JobId, g: Generation, at: number, sha: string): string => `res/${job}/g${g}/${digits(at, 16)}-${sha}`;
export const chunkBlobKey = (job: JobId, g: Generation, position: number, sha: string): string => `chunks/${job}/g${g}/${digits(position, 16)}-${sha}`;

/** Consumer group of one event source of a generation (I1). */
export const groupOf = (job: JobId, g: Generation, source: number, topic: string): string => `sluice-${job}-g${g}-${source}.${topic}`;

export const controlKey = (job: JobId): ControlKey => ({ pk: `J#${job}`, sk: 'CTRL' });
/** Plans are content-addressed: two operations that prepare different plans cannot overwrite each other's. */
export const planKey = (job: JobId, hash: string): ControlKey => ({ pk: `J#${job}`, sk: `PLAN#${hash}` });
/** What a generation runs; written once, before its logs begin, and kept. */
export const generationKey = (job: JobId, g: Generation): ControlKey => ({ pk: `J#${job}`, sk: `GEN#g${g}` });
export const jobListKey = (job: JobId): ControlKey => ({ pk: 'JOBS', sk: job });
export const hintKey = (job: JobId, g: Generation): ControlKey => ({ pk: `J#${job}#HINT#g${g}`, sk: '0' });
export const recordErrorKey = (job: JobId, g: Generation, p: PartitionId): ControlKey => ({ pk: `J#${job}`, sk: `ERR#g${g}#${p}` });
/**
 * What is wrong with a job comes in order between its CTRL and its generations, so that one look at the beginning of its items tells that nothing is:
 * `DLQ`, `ERR`, `ERR-SINK`, `FIRE`.
 */
export const isNews = ({ sk }: ControlKey): boolean => sk > 'CTRL' && sk < 'GEN';
/** Beside the log: how many records of a partition became dead letters, and the last one. */
export const deadLetterKey = (job: JobId, g: Generation, p: PartitionId): ControlKey => ({ pk: `J#${job}`, sk: `DLQ#g${g}#${p}` });
export const sinkErrorKey = (job: JobId, g: Generation, sink: Uid): ControlKey => ({ pk: `J#${job}`, sk: `ERR-SINK#g${g}#${sink}` });
export const fireErrorKey = (job: JobId, g: Generation): ControlKey => ({ pk: `J#${job}`, sk: `FIRE#g${g}` });
export const requestKey = (job: JobId, trigger: string): ControlKey => ({ pk: `J#${job}`, sk: `SP#${trigger}` });

