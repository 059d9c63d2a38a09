/** Mutants that tests of their own have to notice. */
import { edit } from './edit.ts';
import type { DirectedMutant } from './mutant.ts';

const LOG = 'lib/engine/log/entry-log.ts';
const STAMP = 'lib/engine/log/stamp.ts';
const FIRER = 'lib/engine/firer/firer.ts';
const TAKE = 'lib/engine/checkpoint/take.ts';
const SWEEP = 'lib/engine/retention.ts';

const G1 = edit(LOG, "if (head !== null && this.#tooOld(head)) return { kind: 'unknown', cause: 'the head was read too long ago (G1)' };", 'void this.#tooOld;');
const G2 = edit(LOG, 'if (ageMs(this.#ports, knownAt) >= this.#settings.headMaxAgeMs) {', 'if (knownAt === null) {');

export const DIRECTED: readonly DirectedMutant[] = [
  {
    name: 'noAgeGuards',
    rule: 'G1, G2',
    breaks: 'an append is believed however old the head is that it was built on',
    test: 'test/engine/age-guards.test.ts',
    edits: [G1, G2],
  },
  { name: 'onlyG1', rule: 'G2', breaks: 'the age of the head counts before an append, not behind it', test: 'test/engine/age-guards.test.ts', edits: [G2] },
  {
    name: 'oneClock',
    rule: 'K2',
    breaks: 'age is judged by one clock',
    test: 'test/engine/clocks.test.ts',
    edits: [edit(STAMP, 'return Math.max(runtime.now() - stamp.wall, runtime.elapsed() - stamp.elapsed, heard);', 'return runtime.elapsed() - stamp.elapsed + 0 * heard;')],
  },
  {
    name: 'noClockCheck',
    rule: 'K1',
    breaks: 'a process whose clock is wrong appends',
    test: 'test/engine/clocks.test.ts',
    edits: [edit(STAMP, 'if (Math.abs(skewMs) <= settings.clockSkewMaxMs) return;', 'if (settings) return;')],
  },
  {
    name: 'noFence',
    rule: 'L1, X3',
    breaks: 'the sinks are not told of the new generation',
    test: 'test/engine/pending.test.ts',
    edits: [edit('lib/engine/lifecycle/pending.ts', 'const at = await sink.fence(g);', 'const at = null as SinkPosition | null;\n    void g;')],
  },
  {
    name: 'noFreeze',
    rule: 'W9, 11.3',
    breaks: 'a stop does not freeze the partition logs',
    test: 'test/engine/drain.test.ts',
    edits: [edit('lib/engine/lifecycle/stop.ts', 'const replica = await new Firer(ports, job).load();\n  for (const p of replica === null', 'const replica = null;\n  for (const p of replica === null')],
  },
  {
    name: 'applyNonContiguous',
    rule: 'F2',
    breaks: 'entries are applied although their chain does not lead to the cut',
    test: 'test/engine/retention.test.ts',
    edits: [edit('lib/engine/firer/tail.ts', 'if (entry.seq !== known.seq + 1 || entry.prev !== known.id) {', 'if (false) {')],
  },
  {
    name: 'coordinatorNonContiguous',
    rule: 'F2',
    breaks: 'coordinator entries are applied although they do not follow the replica',
    test: 'test/engine/retention.test.ts',
    edits: [edit('lib/engine/firer/replay.ts', 'if (entry.seq !== replica.head.entry.seq + 1 || entry.prev !== replica.head.entry.id) {', 'if (false) {')],
  },
  {
    name: 'noSecondLook',
    rule: 'T4, T6',
    breaks: 'a hole in a log is a verdict at first sight',
    test: 'test/engine/retention.test.ts',
    edits: [edit(FIRER, 'if (!(error instanceof ChainBroken)) throw error;', 'throw error;')],
  },
  {
    name: 'dirtyLost',
    rule: 'C2',
    breaks: 'marks of changed panes are cleared although the checkpoint was not appended',
    test: 'test/engine/checkpoint.test.ts',
    edits: [
      edit(TAKE, 'const appended = await log.append(head, entry);', 'markClean(replica.states);\n  const appended = await log.append(head, entry);'),
      edit(FIRER, 'await this.#writeHint(replica);\n    else this.#forget();', 'await this.#writeHint(replica);'),
    ],
  },
  {
    name: 'trustExistingTtl',
    rule: 'C3',
    breaks: 'a chunk that is there counts as written, however soon it expires',
    test: 'test/engine/checkpoint.test.ts',
    edits: [edit('lib/engine/checkpoint/chunks.ts', 'if (put.sha === draft.sha && put.expiresAt >= needed)', 'if (put.sha === draft.sha && needed > -1)')],
  },
  {
    name: 'noAppendCheck',
    rule: 'C5',
    breaks: 'the lives of chunks are not looked at again directly before the append',
    test: 'test/engine/checkpoint.test.ts',
    edits: [edit(TAKE, 'if (chunks.some(expiresEarly)) return false;', '')],
  },
  {
    name: 'truncHead',
    rule: 'I2',
    breaks: 'the sweep takes the head of a log that is covered',
    test: 'test/local/sweep.test.ts',
    edits: [edit(SWEEP, 'boundary.position.cut[p]?.seq ?? seq(0)])),', 'seq((boundary.position.cut[p]?.seq ?? 0) + 1)])),')],
  },
  {
    name: 'eagerSweep',
    rule: '§15 56',
    breaks: 'the sweep frees sequence numbers that are young',
    test: 'test/local/sweep.test.ts',
    edits: [edit(SWEEP, 'const cutoff = now - ageMs;', 'const cutoff = now + ageMs;')],
  },
];
