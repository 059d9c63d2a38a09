/** Mutants of the writer (protocol §4). */
import { edit } from './edit.ts';
import type { Mutant } from './mutant.ts';

const DECIDE = 'lib/engine/writer/decide-commit.ts';
const WRITER = 'lib/engine/writer/writer.ts';
const FOLD = 'lib/engine/writer/fold-batch.ts';
const LOG = 'lib/engine/log/entry-log.ts';
const COORDINATOR = 'lib/engine/coordinator.ts';

export const INGEST: readonly Mutant[] = [
  {
    name: 'noOffsetDedupe',
    rule: 'W6',
    breaks: 'records that the log holds already are appended once more',
    config: 'base',
    seeds: 20,
    edits: [edit(DECIDE, 'const from = firstAtOrAfter(facts.offsets, head.next);', 'const from = 0;')],
  },
  {
    name: 'assumeTimeoutIsSuccess',
    rule: 'W2',
    breaks: 'an append whose outcome is unknown is believed',
    config: 'base',
    seeds: 40,
    edits: [edit(LOG, "return { kind: 'unknown', cause: error };", "return { kind: 'appended', head: { entry, stamp: sent } };")],
  },
  {
    name: 'everybodyWins',
    rule: 'W2, F3',
    breaks: 'the loser of a race for a place in a log is told that it won',
    config: 'base',
    seeds: 40,
    edits: [edit(LOG, "if (result.kind === 'exists' && result.item.id !== entry.id) return { kind: 'lost' };", '')],
  },
  {
    name: 'blindRetryNextSeq',
    rule: 'W2',
    breaks: 'an append whose outcome is unknown is repeated at the next place',
    config: 'base',
    seeds: 40,
    edits: [
      edit(
        WRITER,
        "if (appended.kind !== 'appended') return appended.kind",
        `if (appended.kind === 'unknown') this.#heads.set(p, { entry: { ...entry, next: head.entry.next }, stamp: head.stamp });
    if (appended.kind !== 'appended') return appended.kind`,
      ),
    ],
  },
  {
    name: 'ackOnAny',
    rule: 'W1',
    breaks: 'an invocation returns normally although one of its partitions was not committed',
    config: 'stormy',
    seeds: 40,
    caughtBy: 5,
    // The handler is the event source's own, here and in the simulation.
    edits: [edit('test/simulation/event-source.ts', "if (result.status === 'rejected' && process.alive) throw result.reason;", "if (result.status === 'rejected' && process.alive && results.length === 1) throw result.reason;")],
  },
  {
    name: 'spillAfterCommit',
    rule: 'W3',
    breaks: 'a spilled payload is written behind the entry that refers to it',
    config: 'base',
    seeds: 30,
    caughtBy: 3,
    edits: [
      edit(
        WRITER,
        'const payload = await storePayload(this.#ports, bytes,',
        `const later: [string, Uint8Array][] = [];
    const blob = { ...this.#ports.blob, put: async (key: string, data: Uint8Array) => (later.push([key, data]), { kind: 'created' as const }) };
    const payload = await storePayload({ ...this.#ports, blob }, bytes,`,
      ),
      edit(
        WRITER,
        'this.#heads.set(p, appended.head);',
        'for (const [key, data] of later) await this.#ports.blob.put(key, data);\n    this.#heads.set(p, appended.head);',
      ),
    ],
  },
  {
    name: 'spillKeyNotUnique',
    rule: 'W3',
    breaks: 'two attempts at one place spill under the same key',
    config: 'bounds',
    seeds: 20,
    caughtBy: 3,
    edits: [edit(WRITER, 'spillKey(log.key, at, runtime.randomHex(16)),', "spillKey(log.key, at, ''),")],
  },
  {
    name: 'noGapCheck',
    rule: 'W7',
    breaks: 'a batch behind the end of the log is taken, whatever lies between',
    config: 'gaps',
    seeds: 400,
    caughtBy: 3,
    edits: [edit(WRITER, 'const gap = hasGap ? await verifyGap(', 'const gap = hasGap && verifyGap === undefined ? await verifyGap(')],
  },
  {
    name: 'noTopicCheck',
    rule: 'W6',
    breaks: 'records of a re-created topic are taken for duplicates, or appended',
    config: 'topicReplaced',
    seeds: 20,
    edits: [edit(WRITER, 'await requireSameTopic(', 'void ((..._: unknown[]) => requireSameTopic)(')],
  },
  {
    name: 'frozenIsOpen',
    rule: 'W9',
    breaks: 'a writer appends behind FROZEN',
    config: 'workflows',
    seeds: 60,
    edits: [edit(DECIDE, "if (head.kind === 'FROZEN') return { kind: 'frozen' };", '')],
  },
  {
    name: 'initIsReg',
    rule: 'W4',
    breaks: 'a log that has begun counts as registered',
    config: 'growth',
    seeds: 60,
    caughtBy: 3,
    edits: [edit(DECIDE, "if (head.kind === 'INIT' && !facts.registered) return { kind: 'register' };", '')],
  },
  {
    name: 'regBehindClose',
    rule: 'W11',
    breaks: 'a partition is registered in a log that is closed',
    config: 'growth',
    seeds: 120,
    caughtBy: 34,
    edits: [edit(COORDINATOR, "if (head === null || head.entry.kind === 'CLOSE') throw", 'if (head === null) throw')],
  },
  {
    name: 'oneLetterPerBatch',
    rule: 'W10',
    breaks: 'of several bad records in a batch only the last one goes to the dead-letter table',
    config: 'poison',
    seeds: 10,
    edits: [edit(FOLD, 'if (row !== null) folding.fail(row);', 'if (row !== null && bad === found.at(-1)) folding.fail(row);')],
  },
  {
    name: 'keepsTrial',
    rule: 'W10',
    breaks: 'what was taken in of a batch before its bad records are known is taken in once more',
    config: 'poison',
    seeds: 10,
    edits: [edit(FOLD, 'foldGood(new Folding(dataflow, source, input), input, found)', 'foldGood(trial, input, found)')],
  },
];
