/** Mutants of event time: watermarks, lateness, windows (protocol §6, F5, F6). */
import { edit } from './edit.ts';
import type { Mutant } from './mutant.ts';

const FOLD = 'lib/engine/writer/fold-batch.ts';
const EVALUATE = 'lib/engine/firer/evaluate.ts';
const PROGRESS = 'lib/engine/firer/progress.ts';
const WRITER = 'lib/engine/writer/writer.ts';
const SLICE_STEP = 'lib/core/window/slice-step.ts';
const STEP_SLICES = 'lib/core/window/step-slices.ts';
const SESSION_STEP = 'lib/core/window/session-step.ts';
const GROUP_STEP = 'lib/core/window/group-step.ts';
const LIMIT_STEP = 'lib/core/window/limit-step.ts';
const SORT_STEP = 'lib/core/window/sort-step.ts';
const DECIDE = 'lib/engine/firer/decide-fire.ts';
const REPLAY = 'lib/engine/firer/replay.ts';
const GENERATION = 'lib/engine/lifecycle/generation.ts';
const WATERMARK = 'lib/core/watermark.ts';

export const TIME: readonly Mutant[] = [
  {
    name: 'localLateness',
    rule: 'E4',
    breaks: 'rows are late by the watermark of their own partition',
    config: 'stormy',
    seeds: 20,
    edits: [
      edit(
        WRITER,
        'fired: this.#hint?.progress ?? null,',
        'fired: { watermarks: this.#job.dataflow.sources.map(() => head.entry.watermark), operatorWatermarks: {} },',
      ),
    ],
  },
  {
    name: 'noGlobalLateCheck',
    rule: 'E4',
    breaks: 'nothing is ever late',
    config: 'stormy',
    seeds: 100,
    edits: [edit(SLICE_STEP, 'if (isLate(this.#state.window, eventTime(columns.end), this.#watermark, this.#latenessMs)) dropped', 'if (false) dropped')],
  },
  {
    name: 'noCutVector',
    rule: 'F3',
    breaks: 'a FIRE is replayed with everything that is there by now',
    config: 'base',
    seeds: 10,
    edits: [
      edit(REPLAY, '{ entries: Infinity, bytes: Infinity, upTo: fire.position.cut }', '{ entries: Infinity, bytes: Infinity }'),
      edit(REPLAY, 'const entries = tail.upTo(fire.position.cut);', 'const entries = tail.ordered();'),
    ],
  },
  {
    name: 'noPreRegister',
    rule: '11.1',
    breaks: 'a generation begins without partitions; they register as they deliver',
    config: 'workflows',
    seeds: 30,
    edits: [edit(GENERATION, 'cut: cuts,\n', 'cut: {},\n')],
  },
  {
    name: 'maxOfPartitions',
    rule: 'F5',
    breaks: 'the watermark of a source is that of its fastest partition',
    config: 'base',
    seeds: 10,
    edits: [edit(WATERMARK, 'const low = active.map((p) => p.watermark).reduce(minTime);', 'const low = active.map((p) => p.watermark).reduce(maxTime);')],
  },
  {
    name: 'watermarkGoesBack',
    rule: 'F5',
    breaks: 'the watermark of a source follows its slowest partition back',
    config: 'idle',
    seeds: 100,
    edits: [edit(WATERMARK, 'return { watermark: maxTime(previous, low), idle: false };', 'return { watermark: low, idle: false };')],
  },
  {
    name: 'silentIsIdle',
    rule: 'F5',
    breaks: 'a partition that never delivered does not hold the watermark',
    config: 'base',
    seeds: 30,
    edits: [edit(WATERMARK, 'const active = partitions.filter((p) => !p.idle);\n  if (active.length > 0) {', 'const active = partitions.filter((p) => !p.idle && p.watermark !== MIN_WATERMARK);\n  if (active.length > 0) {')],
  },
  {
    name: 'noPurge',
    rule: 'E6',
    breaks: 'a window that has fired stays in the state',
    config: 'base',
    seeds: 10,
    edits: [edit(SLICE_STEP, 'for (const end of this.#purged) this.#state.purge(end);', '')],
  },
  {
    name: 'tentativeState',
    rule: 'F7, C1',
    breaks: 'the state changes before its FIRE is in the log',
    config: 'hop',
    seeds: 10,
    edits: [edit(STEP_SLICES, 'stored === undefined ? { rows, accumulators } : merged(stored, { rows, accumulators }, this.#aggregates)', 'stored ?? { rows, accumulators }); if (stored !== undefined) mergeInto(stored, rows, accumulators, this.#aggregates')],
  },
  {
    name: 'lagIsIdle',
    rule: 'F6',
    breaks: 'a partition becomes idle although records wait in its topic',
    config: 'onEventIdle',
    seeds: 40,
    edits: [edit(WATERMARK, 'activity.hasNews || activity.lagging', 'activity.hasNews')],
  },
  {
    name: 'noBounds',
    rule: 'F13',
    breaks: 'a FIRE takes all rows that are due',
    config: 'bounds',
    seeds: 10,
    edits: [edit(DECIDE, 'const after = boundRows(facts, step, target.sources, full);', 'const after = full;\n  void boundRows;')],
  },
  {
    name: 'noForcedCut',
    rule: 'F8',
    breaks: 'without a row to emit there is no FIRE',
    config: 'idle',
    seeds: 300,
    edits: [edit(DECIDE, 'return facts.tail.isFull || facts.now - facts.position.procTime >= cutAfterMs(facts);', 'void cutAfterMs;\n  return false;')],
  },
  {
    name: 'operatorSeesFastest',
    rule: 'F5',
    breaks: 'an operator above several sources sees the fastest one',
    config: 'sources',
    seeds: 10,
    edits: [edit(WATERMARK, 'const combine = active.length > 0 ? minTime : maxTime;', 'const combine = maxTime;')],
  },
  {
    name: 'operatorSeesFirst',
    rule: 'F5',
    breaks: 'an operator above several sources sees the first one only',
    config: 'sources',
    seeds: 20,
    edits: [edit(PROGRESS, 'return operatorWatermarks[operator.uid] ?? watermarks', 'void operatorWatermarks;\n  return watermarks')],
  },
  {
    name: 'operatorGoesBack',
    rule: 'F5',
    breaks: 'the watermark of an operator goes back when an idle source comes back',
    config: 'sourcesIdle',
    seeds: 120,
    edits: [edit(WATERMARK, 'return maxTime(previous, seen.map((s) => s.watermark).reduce(combine));', 'return seen.map((s) => s.watermark).reduce(combine);')],
  },
  {
    name: 'operatorForgotten',
    rule: 'F5, E7',
    breaks: 'the watermarks of operators are not restored',
    config: 'sourcesWorkflows',
    seeds: 40,
    edits: [edit(GENERATION, 'operatorWatermarks: ofOperators(from?.operatorWatermarks),', 'operatorWatermarks: {},')],
  },
  {
    name: 'idleSourceHolds',
    rule: 'F5',
    breaks: 'a source all of whose partitions are idle holds its operators',
    config: 'sourcesIdle',
    seeds: 40,
    edits: [edit(WATERMARK, 'const active = sources.filter((s) => !s.idle);', 'const active = [...sources];')],
  },
  {
    name: 'writerLateUncounted',
    rule: 'W8, E5',
    breaks: 'rows that the writer leaves out are not counted',
    config: 'retention',
    seeds: 100,
    edits: [edit(EVALUATE, '(segment.late[uid] ?? 0) + step.add', 'step.add')],
  },
  {
    name: 'lateForgotten',
    rule: 'E5, E7',
    breaks: 'late rows are counted anew behind a restore',
    config: 'workflows',
    seeds: 200,
    edits: [edit(GENERATION, 'late: ofOperators(from?.late),', 'late: {},')],
  },
  {
    name: 'sessionsMeetExclusively',
    rule: 'E4',
    breaks: 'rows exactly a gap apart make two sessions',
    config: 'session',
    seeds: 20,
    edits: [edit(SESSION_STEP, 'other.start <= session.end && session.start <= other.end', 'other.start < session.end && session.start < other.end')],
  },
  {
    name: 'sessionLateAlone',
    rule: 'E4',
    breaks: 'a row is late although the session that it joins is not',
    config: 'session',
    seeds: 400,
    edits: [edit(SESSION_STEP, 'if (timerOf(this.#state.window, end) <= this.#watermark) return false;', 'if (session.end - 1 <= this.#watermark) return false;')],
  },
  {
    name: 'noFiredMark',
    rule: 'E4',
    breaks: 'a window that has fired gives all its rows again when a late one comes',
    config: 'lateness',
    seeds: 20,
    edits: [edit(SLICE_STEP, 'const keys = due.has(end) ? null : (this.#updated.get(end) ?? null);', 'const keys = null;')],
  },
  {
    name: 'updateLost',
    rule: 'E4',
    breaks: 'late rows that are allowed change the state, and nobody is told',
    config: 'lateness',
    seeds: 20,
    edits: [edit(SLICE_STEP, 'if (this.#latenessMs > 0) this.#markUpdated(columns);', '')],
  },
  {
    name: 'changesForgotten',
    rule: 'F7',
    breaks: 'a step that is computed again knows what the one before it changed',
    config: 'groups',
    seeds: 20,
    edits: [edit(GROUP_STEP, 'if (known !== undefined) return known;', '')],
  },
  {
    name: 'givenForgotten',
    rule: 'F7',
    breaks: 'what was given in order is not remembered: a row in front of it comes out behind it',
    config: 'sort',
    seeds: 20,
    edits: [edit(SORT_STEP, 'this.#state.replace(this.#last, new Map', 'if (this.#last < 0) this.#state.replace(this.#last, new Map')],
  },
  {
    name: 'lateByWatermark',
    rule: 'E4',
    breaks: 'what lies behind the watermark is dropped although nothing behind it was given',
    config: 'sortOnEvent',
    seeds: 20,
    edits: [edit(SORT_STEP, 'if (columns.end <= this.#last) dropped', 'if (columns.end - 1 <= this.#watermark) dropped')],
  },
  {
    name: 'countForgotten',
    rule: 'F7',
    breaks: 'a LIMIT counts the rows of each step anew',
    config: 'limit',
    seeds: 20,
    edits: [edit(LIMIT_STEP, 'for (const [key, rows] of this.#counts) this.#state.put(key, { rows, accumulators });', '')],
  },
  {
    name: 'resultsTooLate',
    rule: 'E2',
    breaks: 'an operator behind another one fires before it has taken in what that one gives',
    config: 'cascade',
    seeds: 20,
    edits: [edit(EVALUATE, 'for (const [operator, step] of this.#operators) {\n      const inputs', 'for (const [operator, step] of [...this.#operators].reverse()) {\n      const inputs')],
  },
  {
    name: 'oneSegment',
    rule: 'E8',
    breaks: 'with on-event, a batch is one segment',
    config: 'onEvent',
    seeds: 40,
    edits: [edit(FOLD, 'if (this.#watermark >= this.#closesAt) this.#close();', '')],
  },
  {
    name: 'noStartStep',
    rule: 'E8',
    breaks: 'with on-event, the watermark does not move before the first entry',
    config: 'onEventIdle',
    seeds: 200,
    edits: [edit(EVALUATE, '  advance();\n  for (const [i, entry] of', '  for (const [i, entry] of')],
  },
];
