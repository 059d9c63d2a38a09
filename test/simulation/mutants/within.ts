/** Mutants of functions that run in the writer (protocol 13.3, stateful partition mode): their state, their time, and what the firer makes of both. */
import { edit } from './edit.ts';
import type { Mutant } from './mutant.ts';

const WRITER = 'lib/engine/writer/writer.ts';
const FUNCTIONS = 'lib/engine/writer/partition-functions.ts';
const CLOCK = 'lib/engine/writer/function-clock.ts';
const STATE = 'lib/core/process/partitioned-state.ts';
const STAGE = 'lib/engine/firer/partitioned-stage.ts';

export const WITHIN: readonly Mutant[] = [
  {
    name: 'withinChangedAhead',
    rule: '13.3, C1',
    breaks: 'the state of the writer has changed before its entry is in the log',
    config: 'withinSkips',
    seeds: 20,
    edits: [edit(WRITER, "const appended = await log.append(head, entry);\n    if (appended.kind !== 'appended') return appended.kind", "folded.commit();\n    const appended = await log.append(head, entry);\n    if (appended.kind !== 'appended') return appended.kind")],
  },
  {
    name: 'withinTimeChangedAhead',
    rule: '13.3, C1',
    breaks: 'timers have fired before their entry is in the log',
    config: 'withinStormy',
    seeds: 100,
    edits: [edit(CLOCK, "if ((await log.append(head, entry)).kind !== 'appended') return false;", "folded.commit();\n    if ((await log.append(head, entry)).kind !== 'appended') return false;")],
  },
  {
    name: 'withinSkipsTime',
    rule: '13.3',
    breaks: 'a sandbox that catches up passes over what timers have changed',
    config: 'withinTimers',
    seeds: 20,
    edits: [edit(FUNCTIONS, 'held.apply(entry, hasPayload(entry) ?', "held.apply(entry, entry.kind === 'DATA' ?")],
  },
  {
    name: 'withinSkipsLast',
    rule: '13.3, F2',
    breaks: 'a sandbox that catches up passes over the newest entry',
    config: 'within',
    seeds: 20,
    edits: [edit(FUNCTIONS, 'if (entry.seq <= head.seq) await this.#take(held, entry);', 'if (entry.seq < head.seq) await this.#take(held, entry);\n        else held.apply(entry, []);')],
  },
  {
    name: 'withinFromHead',
    rule: '13.3, C1',
    breaks: 'the state of a checkpoint is taken for that of the head of the log',
    config: 'within',
    seeds: 20,
    edits: [edit(FUNCTIONS, '?? (await beginning(ports, job, p));', '?? (await beginning(ports, job, p));\n  const head = await openPartitionLog(ports, job, p).head();\n  if (head !== null) return new PartitionFunctions(p, flows, { states, time: timeAt(position, p, cut), at: head.entry });')],
  },
  {
    name: 'withinWithoutCheckpoint',
    rule: '13.3, C6',
    breaks: 'a sandbox begins with no state where its generation has',
    config: 'within',
    seeds: 20,
    edits: [edit(FUNCTIONS, '{ states, time: timeAt(position, p, cut), at: cut }', '{ states: open(), time: timeAt(position, p, cut), at: cut }')],
  },
  {
    name: 'withinNotTakenOver',
    rule: '13.3, F4',
    breaks: 'the firer does not take over what entries say of the state',
    config: 'within',
    seeds: 10,
    edits: [edit(STAGE, 'for (const { partition, changes, time } of this.#entries) this.#state.apply(partition, changes, time);', '')],
  },
  {
    name: 'withinFiredTwice',
    rule: '13.3',
    breaks: 'the firer calls timers that a writer calls as well',
    config: 'withinTimers',
    seeds: 20,
    edits: [edit(STAGE, 'if (watermark === MAX_WATERMARK && this.#watermark < watermark)', 'if (this.#watermark < watermark)'), edit(STAGE, "assert(this.#entries.length === 0, 'a drain has taken every entry in before');", '')],
  },
  {
    name: 'withinTimeBack',
    rule: 'K3',
    breaks: 'the processing time of functions is that of whatever clock the sandbox has',
    config: 'withinTtl',
    seeds: 40,
    edits: [edit(FUNCTIONS, 'procTime: wallTime(Math.max(before.procTime, now))', 'procTime: wallTime(now)')],
  },
  {
    name: 'withinWatermarkBack',
    rule: 'K3',
    breaks: 'the watermark of functions is what a sandbox has last read of it',
    config: 'withinTimers',
    seeds: 40,
    edits: [edit(FUNCTIONS, 'const watermark = maxTime(before.watermark, fired', 'const watermark = maxTime(MIN_WATERMARK, fired')],
  },
  {
    name: 'withinTimeUnlogged',
    rule: '13.3, K3',
    breaks: 'an entry says the time before it, not the one that its functions have seen',
    config: 'withinTimers',
    seeds: 10,
    edits: [edit('lib/engine/writer/open-segment.ts', 'const functionTime = this.#functions?.frame.after;', 'const functionTime = this.#functions?.frame.before;')],
  },
  {
    name: 'withinUnfired',
    rule: '13.3, F5',
    breaks: 'timers fire by the watermark of their partition, which no FIRE has reached',
    config: 'withinTimers',
    seeds: 20,
    edits: [edit(WRITER, 'const frame = functions?.frame(fired, now) ?? null;', 'const frame = functions?.frame({ watermarks: this.#job.dataflow.sources.map(() => head.watermark), operatorWatermarks: {}, procTime: now }, now) ?? null;')],
  },
  {
    name: 'withinPassedWait',
    rule: '13.3',
    breaks: 'a timer that the watermark has passed when it is registered waits for the next move of it, though others have seen that before',
    config: 'withinTimers',
    seeds: 40,
    edits: [edit('lib/engine/writer/function-run.ts', ' firesPassed: true,', '')],
  },
  {
    name: 'withinExpiredStays',
    rule: 'V7, F4',
    breaks: 'what has left by the time of an entry stays in all copies but that of its writer',
    config: 'withinTtl',
    seeds: 20,
    edits: [edit(STATE, 'state.cleanUp(procTime);', 'void procTime;')],
  },
  {
    name: 'withinOthers',
    rule: '13.3',
    breaks: 'a sandbox takes the state of all partitions for that of its own',
    config: 'withinTimers',
    seeds: 20,
    edits: [edit(STATE, 'Map.groupBy(named.keys(), (i) => named[i]?.partition ?? null);', 'Map.groupBy(named.keys(), (i) => this.#only ?? named[i]?.partition ?? null);')],
  },
  {
    name: 'withinDrainKeeps',
    rule: '11.3, 13.3',
    breaks: 'a drain does not call the timers that are left',
    config: 'withinTimers',
    seeds: 40,
    edits: [edit(STAGE, 'if (watermark === MAX_WATERMARK && this.#watermark < watermark) this.#endTime(to, emit);', '')],
  },
  {
    name: 'withinBehindClose',
    rule: '11.4, F10',
    breaks: 'a firer that has read the log again for what timers have given fires whatever it has read',
    config: 'withinTtl',
    seeds: 100,
    edits: [edit('lib/engine/firer/firer.ts', "if (replica.closed || isPending(replica)) return { kind: 'lost' };", '')],
  },
];
