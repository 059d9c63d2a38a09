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
    edits: [edit('lib/engine/lifecycle/pending.ts', 'const at = await sink.fence(g, begunAt(base, node));', 'const at = null as SinkPosition | null;\n    void [g, begunAt(base, node)];')],
  },
  {
    name: 'noFreeze',
    rule: 'W9, 11.3',
    breaks: 'a stop does not freeze the partition logs',
    test: 'test/engine/drain.test.ts',
    edits: [edit('lib/engine/lifecycle/freeze.ts', 'await inParallel(await registeredPartitions(ports, job)', 'await inParallel([] as PartitionId[]')],
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
    edits: [edit('lib/engine/firer/log-view.ts', 'if (!(error instanceof ChainBroken)) throw error;', 'throw error;')],
  },
  {
    name: 'dirtyLost',
    rule: 'C2',
    breaks: 'marks of changed panes are cleared although the checkpoint was not appended',
    test: 'test/engine/checkpoint.test.ts',
    edits: [
      edit(TAKE, 'const appended = await log.append(head, entry);', 'markClean(replica.states);\n  const appended = await log.append(head, entry);'),
      edit(FIRER, 'if (!(await takeCheckpoint(this.#ports, this.#job, this.#log, replica))) return this.#view.forget();', 'await takeCheckpoint(this.#ports, this.#job, this.#log, replica);'),
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
  {
    name: 'emptyIsNew',
    rule: 'W4',
    breaks: 'a registered log without entries begins again',
    test: 'test/engine/retention.test.ts',
    edits: [edit('lib/engine/writer/decide-commit.ts', "facts.registered ? 'lost' : 'init'", "'init'")],
  },
  {
    name: 'noHeadExpiry',
    rule: 'T3',
    breaks: 'a head is trusted past its lifetime',
    test: 'test/engine/clocks.test.ts',
    edits: [edit(LOG, 'const isPast = entry.ttl * 1000 - this.#settings.logMarginMs < this.#ports.runtime.now();', 'const isPast = entry.ttl < 0;')],
  },
  {
    name: 'noCoverageGate',
    rule: 'T5',
    breaks: 'writers go on although no checkpoint covers the log any more',
    test: 'test/engine/retention.test.ts',
    edits: [edit('lib/engine/writer/writer.ts', 'if (this.#ports.runtime.now() - checkpointAt > logTtlMs / 3) {', 'if (false) {')],
  },
  {
    name: 'writerForgetsLateness',
    rule: 'W8',
    breaks: 'the writer leaves rows out that are late but allowed',
    test: 'test/engine/windows.test.ts',
    edits: [edit('lib/core/window/slice-fold.ts', 'this.#spec.node.allowedLatenessMs', '0')],
  },
  {
    name: 'procTimeRunsBack',
    rule: 'K3',
    breaks: 'processing time is that of whoever fires',
    test: 'test/engine/clocks.test.ts',
    edits: [edit('lib/engine/firer/decide-fire.ts', 'const procTime = wallTime(Math.max(position.procTime, upTo));', 'const procTime = wallTime(upTo);')],
  },
  {
    name: 'boundGoesBack',
    rule: 'F13',
    breaks: 'a bounded FIRE takes its watermark back',
    test: 'test/engine/windows.test.ts',
    edits: [edit('lib/engine/firer/decide-fire.ts', 'maxTime(fired, eventTime(Math.min(watermark, reach)))', 'eventTime(Math.min(watermark, reach))')],
  },
  {
    name: 'barrierBeforeRows',
    rule: 'F13, 11.3',
    breaks: 'the barrier stands although rows that are due were left for the next FIRE',
    test: 'test/engine/drain.test.ts',
    edits: [edit('lib/engine/firer/decide-fire.ts', 'target.atBarrier && after === full', 'target.atBarrier')],
  },
  {
    name: 'hintBeforeCommit',
    rule: 'F12, W8',
    breaks: 'the hint says what a FIRE would reach, before it is in the log',
    test: 'test/engine/cost.test.ts',
    edits: [
      edit(FIRER, 'const appended = await this.#log.append(replica.head, fire);', 'await this.#writeHint({ ...replica, position: fire.position });\n    const appended = await this.#log.append(replica.head, fire);'),
    ],
  },
  {
    name: 'pendingTwice',
    rule: 'F14, X1',
    breaks: 'rows are handed over although the sink has them',
    test: 'test/engine/pending.test.ts',
    edits: [edit('lib/engine/lifecycle/pending.ts', 'filter((uid) => !has(positions.get(uid)))', 'filter((uid) => has(positions.get(uid)) || true)')],
  },
  {
    name: 'renewAfterEmission',
    rule: 'F11',
    breaks: 'heads are renewed only while no sink is waited for',
    test: 'test/engine/retention.test.ts',
    edits: [edit(FIRER, 'await this.#renew(replica);\n    if (isPending(replica)) {', 'if (!isPending(replica)) await this.#renew(replica);\n    else {')],
  },
  {
    name: 'noRefresh',
    rule: 'C5',
    breaks: 'a chunk that does not change is not written again before it expires',
    test: 'test/engine/checkpoint.test.ts',
    edits: [edit(TAKE, 'ref.expiresAt < requiredExpiry(settings, ports.runtime.now())', '(void requiredExpiry, ref.expiresAt < 0)')],
  },
  {
    name: 'missingIsEmpty',
    rule: 'C6',
    breaks: 'a chunk that is gone is read as empty',
    test: 'test/engine/checkpoint.test.ts',
    edits: [edit('lib/engine/checkpoint/load.ts', "if (chunk === null) missing.push(refs[i]?.key ?? '');", '')],
  },
  {
    name: 'sessionPremerge',
    rule: '13.2',
    breaks: 'rows of one batch are merged into sessions although some are late on their own',
    test: 'test/engine/windows.test.ts',
    edits: [
      edit(
        'lib/core/window/session-fold.ts',
        'if (last?.start === t) return last;',
        `if (last !== undefined && t <= last.end && last.start <= t + this.#window.gapMs) {
      Object.assign(last, { start: Math.min(last.start, t), end: Math.max(last.end, t + this.#window.gapMs) });
      return last;
    }`,
      ),
    ],
  },
  {
    name: 'keepBehindFrozen',
    rule: 'F11',
    breaks: 'KEEP is appended behind FROZEN',
    test: 'test/engine/retention.test.ts',
    edits: [edit('lib/engine/firer/keep.ts', "if (head.entry.kind === 'FROZEN') return;", '')],
  },
  {
    name: 'hintShared',
    rule: 'I1',
    breaks: 'all generations of a job have one hint',
    test: 'test/engine/late-in-writer.test.ts',
    edits: [edit('lib/engine/keys.ts', 'pk: `J#${job}#HINT#g${g}`', 'pk: `J#${job}#HINT${g > -1 ? "" : g}`')],
  },
  {
    name: 'regBeforeInit',
    rule: 'W4',
    breaks: 'a partition is registered before its log has begun',
    test: 'test/engine/retention.test.ts',
    edits: [
      edit('lib/engine/coordinator.ts', 'function initId(', 'export function initId('),
      edit('lib/engine/writer/writer.ts', 'import { beginPartition, closed, initCut,', 'import { beginPartition, closed, initCut, initId,'),
      edit(
        'lib/engine/writer/writer.ts',
        'await beginPartition(this.#ports, this.#job, p, offset(Math.min(start, batch.offsets[0] ?? start)), MIN_WATERMARK);',
        `const next = offset(Math.min(start, batch.offsets[0] ?? start));
    const cut = { seq: seq(0), id: initId(this.#ports.codec, this.#job, p), next, watermark: MIN_WATERMARK, dataAt: this.#ports.runtime.now() };
    await registerPartition(this.#ports, this.#job, p, cut);
    await beginPartition(this.#ports, this.#job, p, next, MIN_WATERMARK);`,
      ),
    ],
  },
  {
    name: 's3RandomKey',
    rule: 'X1, I3',
    breaks: 'a FIRE that is emitted again becomes a second file',
    test: 'test/adapters/filesystem.test.ts',
    edits: [edit('lib/core/table-files.ts', '-g${g}-f${f}`;', '-g${g}-f${f}${Math.random()}`;')],
  },
  {
    name: 'fileNotCompared',
    rule: 'X4',
    breaks: 'a file that is there counts as written, whatever is in it',
    test: 'test/adapters/filesystem.test.ts',
    edits: [edit('lib/adapters/filesystem/sink.ts', "if (put.kind === 'created') return draft.bytes.length;", 'if (put.kind !== null) return draft.bytes.length;')],
  },
  {
    name: 'manifestFirst',
    rule: 'X1',
    breaks: 'the manifest of a FIRE is written before the files that it names',
    test: 'test/adapters/filesystem.test.ts',
    edits: [edit('lib/adapters/filesystem/sink.ts', 'bytes: await this.#put(path, file) };', 'bytes: (this.#put(path, file).catch(() => {}), file.bytes.length) };')],
  },
  {
    name: 'itemNotVersioned',
    rule: 'X1, X2',
    breaks: 'an item is replaced by an older FIRE that lands late',
    test: 'test/adapters/dynamodb-sink.test.ts',
    edits: [edit('lib/adapters/dynamodb/sink-table.ts', '(${JOB} = :job AND ${VERSION} <= :ver)', '(${JOB} = :job AND NOT ${VERSION} = :ver)')],
  },
  {
    name: 'itemOfOthers',
    rule: 'X5',
    breaks: 'a row that another job keeps out counts as written',
    test: 'test/adapters/dynamodb-sink.test.ts',
    edits: [edit('lib/adapters/dynamodb/sink.ts', 'if (isOwn(met, stamp)) return;', 'if (met !== null || isOwn(met, stamp)) return;')],
  },
  {
    name: 'startsAtOwnLog',
    rule: 'L2',
    breaks: 'of sources over one topic the first alone says where the consumer group begins',
    test: 'test/engine/shared-topic.test.ts',
    edits: [edit('lib/engine/lifecycle/generation.ts', 'partitionIdsOf(job, topic, partition).flatMap(', '[p].flatMap(')],
  },
  {
    name: 'badRecordStays',
    rule: 'W10, 13.3',
    breaks: 'what a bad record has done to a function is seen by the records behind it',
    test: 'test/engine/function-in-writer-errors.test.ts',
    edits: [edit('lib/engine/writer/open-segment.ts', 'run.undoRecord();', 'void run;')],
  },
  {
    name: 'badWatermarkSeen',
    rule: 'W10, E1',
    breaks: 'the watermark of a bad record is the CURRENT_WATERMARK of the records behind it',
    test: 'test/engine/dead-letters.test.ts',
    edits: [edit('lib/engine/writer/fold-batch.ts', 'this.#watermark = this.#watermarkBefore;', '')],
  },
];
