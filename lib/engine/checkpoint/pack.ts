/**
 * Packing panes into chunks (protocol 8.2): a chunk holds all panes of all operators for one window end and one range of key groups;
 * `places.ts` says which ones lie under which window end.
 * Ranges follow from what the state and the previous checkpoint look like, so that packing is deterministic. Pure.
 */
import { SluiceError } from '../../core/errors.ts';
import { KEY_GROUPS } from '../../core/key.ts';
import type { Uid } from '../../core/numbers.ts';
import { paneColumns, type PaneColumns, type StoredForm } from '../../core/window/pane.ts';
import type { StageState } from '../../core/stages.ts';
import type { States } from '../firer/evaluate.ts';
import type { ChunkRef } from '../log/entries.ts';
import { dirtyOf, panesOf, placesOf, slicesIn, type PaneEntry } from './places.ts';

export type GroupRange = readonly [lo: number, hi: number];

/** A chunk's content; `Record<operator uid, columns>`. */
export type ChunkContent = Readonly<Record<string, PaneColumns>>;

/** Chunks that have to be written, and chunks of the previous checkpoint that still hold. */
export interface PackPlan {
  readonly keep: readonly ChunkRef[];
  readonly write: readonly { readonly windowEnd: number; readonly groups: GroupRange }[];
}

const ALL_GROUPS: GroupRange = [0, KEY_GROUPS - 1];

/** Which ranges are dirty or close to expiry; `mustRefresh` says which chunks expire too early (C5). */
export function planPack(states: States, previous: readonly ChunkRef[], mustRefresh: (ref: ChunkRef) => boolean): PackPlan {
  const keep: ChunkRef[] = [];
  const write: { windowEnd: number; groups: GroupRange }[] = [];
  const refsOf = Map.groupBy(previous, (ref) => ref.windowEnd);
  for (const windowEnd of windowEndsOf(states)) {
    const dirty = dirtyGroups(states, windowEnd);
    const refs = refsOf.get(windowEnd) ?? [];
    const ranges = refs.length > 0 ? refs : [{ groups: ALL_GROUPS }];
    for (const range of ranges) {
      const isClean = 'key' in range && !touches(dirty, range.groups) && !mustRefresh(range);
      if (isClean) keep.push(range);
      else write.push({ windowEnd, groups: range.groups });
    }
    write.push(...uncovered(refs).filter((groups) => touches(dirty, groups)).map((groups) => ({ windowEnd, groups })));
  }
  return { keep, write };
}

function windowEndsOf(states: States): number[] {
  const ends = new Set<number>();
  for (const state of states.values()) for (const end of placesOf(state)) ends.add(end);
  return [...ends].sort((a, b) => a - b);
}

function dirtyGroups(states: States, windowEnd: number): Set<number> {
  const dirty = new Set<number>();
  for (const state of states.values()) for (const group of dirtyOf(state, windowEnd)) dirty.add(group);
  return dirty;
}

const touches = (dirty: ReadonlySet<number>, [lo, hi]: GroupRange): boolean => {
  for (const group of dirty) if (group >= lo && group <= hi) return true;
  return false;
};

/** Key groups that no chunk of this window end holds: they were empty when it was packed. */
function uncovered(refs: readonly ChunkRef[]): GroupRange[] {
  if (refs.length === 0) return [];
  const gaps: GroupRange[] = [];
  let next = 0;
  for (const [lo, hi] of refs.map((r) => r.groups).sort((a, b) => a[0] - b[0])) {
    if (lo > next) gaps.push([next, lo - 1]);
    next = hi + 1;
  }
  if (next < KEY_GROUPS) gaps.push([next, KEY_GROUPS - 1]);
  return gaps;
}

/** The panes of one window end by operator and key group: laid out once, however the ranges are cut. */
export type Buckets = ReadonlyMap<Uid, { readonly aggregates: readonly StoredForm[]; readonly groups: readonly (readonly PaneEntry[])[] }>;

export function bucketsOf(states: States, windowEnd: number): Buckets {
  return new Map([...states].map(([uid, state]) => [uid, { aggregates: state.aggregates, groups: groupsOf(state, windowEnd) }]));
}

function groupsOf(state: StageState, windowEnd: number): PaneEntry[][] {
  const groups: PaneEntry[][] = Array.from({ length: KEY_GROUPS }, () => []);
  for (const entry of panesOf(state, windowEnd)) groups[entry[1].group]?.push(entry);
  return groups;
}

export function paneCount(buckets: Buckets, range: GroupRange): number {
  let panes = 0;
  for (const { groups } of buckets.values()) for (const group of inRange(groups, range)) panes += group.length;
  return panes;
}

export function contentOf(buckets: Buckets, windowEnd: number, range: GroupRange): ChunkContent {
  const content: Record<string, PaneColumns> = {};
  for (const [uid, { aggregates, groups }] of buckets) {
    const panes = inRange(groups, range).flat();
    if (panes.length > 0) content[uid] = paneColumns(windowEnd, panes, aggregates);
  }
  return content;
}

const inRange = <T>(groups: readonly T[], [lo, hi]: GroupRange): T[] => groups.slice(lo, hi + 1);

const SAMPLE = 64;

/** Bytes that the range will have, judged by some of its panes: a range that is far too large is split before it is encoded. */
export function estimateBytes(buckets: Buckets, windowEnd: number, range: GroupRange): number {
  let bytes = 0;
  for (const { aggregates, groups } of buckets.values()) {
    const panes = inRange(groups, range);
    const sample = panes.flatMap((group) => group.slice(0, 1)).slice(0, SAMPLE);
    const total = panes.reduce((n, group) => n + group.length, 0);
    if (sample.length > 0) bytes += (JSON.stringify(paneColumns(windowEnd, sample, aggregates)).length * total) / sample.length;
  }
  return bytes;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const FORMAT = 1;

export const encodeChunk = (content: ChunkContent): Uint8Array => encoder.encode(JSON.stringify({ fmt: FORMAT, operators: content }));

/** A chunk's content by operator and slice. */
export function decodeChunk(bytes: Uint8Array): (readonly [Uid, PaneColumns])[] {
  const json: { fmt: number; operators: Record<Uid, PaneColumns> } = JSON.parse(decoder.decode(bytes));
  if (json.fmt > FORMAT) {
    throw new SluiceError('FORMAT_VERSION', { message: `a chunk has format ${json.fmt}, this Sluice reads up to ${FORMAT}`, hint: 'upgrade this Sluice: readers are deployed before writers' });
  }
  return (Object.entries(json.operators) as [Uid, PaneColumns][]).flatMap(([uid, columns]) => slicesIn(uid, columns));
}
