/** Mutants of time in stores: age guards, expiry, checkpoints (protocol §2, §8, §9). */
import { edit } from './edit.ts';
import type { Mutant } from './mutant.ts';

const LOG = 'lib/engine/log/entry-log.ts';
const FIRER = 'lib/engine/firer/firer.ts';
const KEEP = 'lib/engine/firer/keep.ts';
const TAKE = 'lib/engine/checkpoint/take.ts';
const LOAD = 'lib/engine/checkpoint/load.ts';
const CHUNKS = 'lib/engine/checkpoint/chunks.ts';
const KEYS = 'lib/engine/keys.ts';


export const RETENTION: readonly Mutant[] = [
  {
    name: 'noKeep',
    rule: 'T2',
    breaks: 'the head of a quiet partition log is not renewed',
    config: 'retention',
    seeds: 100,
    edits: [edit(KEEP, 'await inParallel(quiet, (p) => this.#keepOne(p, oldest));', 'void quiet;')],
  },
  {
    name: 'noRenew',
    rule: 'F11, T2',
    breaks: 'the head of a quiet coordinator log is not renewed',
    config: 'retention',
    seeds: 600,
    caughtBy: 32,
    edits: [edit(FIRER, 'if (replica.head.entry.at >= oldest) return;', 'if (oldest) return;')],
  },
  {
    name: 'expiryDecreases',
    rule: 'T1',
    breaks: 'an entry may expire before the one in front of it',
    config: 'clocks',
    seeds: 20,
    edits: [edit(LOG, 'ttl: Math.max(this.#lifetimeFromNow(), previous?.ttl ?? 0),', 'ttl: this.#lifetimeFromNow(),')],
  },
  {
    name: 'checkpointWhilePending',
    rule: 'C1',
    breaks: 'the state is checkpointed before its rows have left',
    config: 'stormy',
    seeds: 40,
    edits: [
      edit(TAKE, 'if (isPending(replica) || replica.closed) return false;', 'void isPending;\n  if (replica.closed) return false;'),
      edit(FIRER, "const blocked = await this.#finish(replica, barrier === null ? 'paused' : 'at-once');", "await this.#checkpointIfDue(replica);\n      const blocked = await this.#finish(replica, barrier === null ? 'paused' : 'at-once');"),
    ],
  },
  {
    name: 'listBeforeWrite',
    rule: 'C2',
    breaks: 'a checkpoint lists chunks that are still being written',
    config: 'retention',
    seeds: 120,
    edits: [
      edit(
        CHUNKS,
        'const put = await ports.chunks.put(chunkCollection(job.id, job.g), key, { sha: draft.sha, data, expiresAt });',
        `ports.chunks.put(chunkCollection(job.id, job.g), key, { sha: draft.sha, data, expiresAt }).catch(() => {});
    const put = { kind: 'written', sha: '', expiresAt };`,
      ),
    ],
  },
  {
    name: 'dirtyUnmarked',
    rule: '8.2',
    breaks: 'a pane that grows is not marked as changed',
    config: 'base',
    seeds: 30,
    caughtBy: 7,
    edits: [edit('lib/core/window/slice-state.ts', 'slice.dirty.add(pane.group);', '')],
  },
  {
    name: 'chunkKeyNoSeq',
    rule: 'C3',
    breaks: 'the key of a chunk does not say whose state it holds',
    config: 'base',
    seeds: 40,
    caughtBy: 10,
    edits: [
      edit(KEYS, '#${digits(position, 16)}`;\n  return attempt', '#${digits(Math.min(position, 0), 16)}`;\n  return attempt'),
      edit(CHUNKS, 'if (put.sha === draft.sha && put.expiresAt >= needed)', 'if (needed >= 0)'),
    ],
  },
  {
    name: 'ttlFromEventTime',
    rule: 'C4',
    breaks: 'the lifetime of a chunk counts from event time',
    config: 'retention',
    seeds: 20,
    edits: [edit(CHUNKS, 'Math.max(cleanup + settings.chunkGraceMs, now + settings.chunkMinTtlMs)', 'cleanup + settings.chunkGraceMs'), edit(TAKE, 'ref.expiresAt < requiredExpiry(settings, ports.runtime.now())', '(void requiredExpiry, ref.expiresAt < 0)')],
  },
  {
    name: 'readByQuery',
    rule: '8.1',
    breaks: 'the state is what the collection of chunks holds, whatever the checkpoint lists',
    config: 'retention',
    seeds: 20,
    edits: [
      edit(
        LOAD,
        'const before = missing.length;',
        `const before = missing.length;
  const { chunkCollection } = await import('../keys.ts');
  const { chunks } = ports as typeof ports & { chunks: { keys(collection: string): Promise<string[]> } };
  for (const key of await chunks.keys(chunkCollection(job.id, job.g))) {
    const [end = '', lo = ''] = key.split('#');
    const stored = await chunks.get(chunkCollection(job.id, job.g), key);
    if (stored === null || refs.some((r) => r.key === key)) continue;
    refs = [...refs.filter((r) => !(r.windowEnd === Number(end) && r.groups[0] === Number(lo))), { windowEnd: Number(end), groups: [Number(lo), 127], store: 'chunks', key, sha: stored.sha, bytes: 0, panes: 0, expiresAt: stored.expiresAt }];
  }`,
      ),
    ],
  },
];
