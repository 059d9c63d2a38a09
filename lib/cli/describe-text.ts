/** A job's description, for people and for programs. */
import { logCost } from '../control/costs.ts';
import type { Growth, StateUse, Timers } from '../control/describe-state.ts';
import type { JobDescription, OperatorDescription, SourceDescription, StateDescription } from '../control/describe.ts';
import { PRICES } from '../control/prices.ts';
import { gridText, resultColumn, type ResultTable } from '../control/table.ts';
import type { JobControl } from '../engine/lifecycle/job-control.ts';
import { eventTime } from '../core/numbers.ts';
import { BIGINT } from '../core/types.ts';
import { bytesText, counted, deadLetterLines, eventTimeText, fireErrorLines, recordErrorLines, sinkErrorLines, timeText } from './text.ts';

/** Open windows that are listed one by one. */
const WINDOWS_SHOWN = 20;

/** `isPaid`: what the store does costs money. */
export function descriptionText(job: JobDescription, { isPaid }: { readonly isPaid: boolean }): string {
  const state = job.state === null ? [] : [...stateText(job.state, isPaid), ...(isPaid ? costText(job.control, job.state) : [])];
  return [...head(job), ...errors(job), ...state, ...savepoints(job)].join('\n');
}

function head({ id, name, status, startedAt, changedAt, control, isEnded, state }: JobDescription): string[] {
  const until = state?.resumableUntil ?? null;
  const { restored, operation, gen, lineage } = control;
  return [
    `Job ID:       ${id}`,
    `Name:         ${name}`,
    `Status:       ${status}`,
    `Started:      ${timeText(startedAt)}, last changed ${timeText(changedAt)}`,
    `Generation:   ${gen}`,
    ...(operation === null ? [] : [`Operation:    ${operation.kind} (${operation.step})`]),
    ...(lineage.length === 0 ? [] : [`Forked from:  job ${lineage.at(-1)}`]),
    ...(restored === null ? [] : [`Restored:     from ${restored.from}${restored.dropped.length === 0 ? '' : `; dropped ${restored.dropped.join(', ')}`}`]),
    ...(isEnded && state !== null ? [`Resumable:    ${until === null ? 'without limit' : `until ${timeText(until)}`}: sluice resume ${id.slice(0, 8)}`] : []),
  ];
}

function errors({ failure, unreadable, recordErrors, fireError, sinkErrors, deadLetters }: JobDescription): string[] {
  const failures = [failure, unreadable].filter((f) => f !== null);
  return [
    ...failures.flatMap(({ code, message, hint }) => [`Error:        ${code}: ${message}`, ...(hint === null ? [] : [`              hint: ${hint}`])]),
    ...(fireError === null ? [] : fireErrorLines(fireError).map((line, i) => `${i === 0 ? 'Fails:        ' : ' '.repeat(14)}${line}`)),
    ...(recordErrors.length === 0 ? [] : ['Bad records (their partitions wait):', ...recordErrorLines(recordErrors, '  ')]),
    ...(sinkErrors.length === 0 ? [] : ['Sinks that take no rows (the job keeps them and tries again):', ...sinkErrorLines(sinkErrors, '  ')]),
    ...deadLetterLines(deadLetters, ''),
  ];
}

function stateText({ sources, operators, stateBytes, growth, checkpoints }: StateDescription, isPaid: boolean): string[] {
  const entries = operators.reduce((sum, operator) => sum + operator.entries, 0);
  const newest = checkpoints[0];
  return [
    ...sources.flatMap(sourceText),
    ...operators.flatMap((operator) => operatorText(operator, isPaid)),
    '',
    `State:        ${counted(entries, 'entry', 'entries')}, ${bytesText(stateBytes)} in the newest checkpoint`,
    ...(growth === null ? [] : [`Growth:       ${growthText(growth)}`]),
    `Checkpoints:  ${newest === undefined ? 'none yet' : `${checkpoints.length} kept, the newest of ${timeText(newest.at)}`}`,
  ];
}

function growthText({ from, to, entries, bytes }: Growth): string {
  const signed = (n: number, text: string): string => `${n < 0 ? '-' : '+'}${text}`;
  return `${signed(entries, counted(Math.abs(entries), 'entry', 'entries'))}, ${signed(bytes, bytesText(Math.abs(bytes)))} from the checkpoint of ${timeText(from)} to that of ${timeText(to)}`;
}

function operatorText(operator: OperatorDescription, isPaid: boolean): string[] {
  const { uid, kind, entries, windows, lateRows, failedRows } = operator;
  const failed = failedRows === 0 ? '' : `, ${counted(failedRows, 'row')} failed`;
  const holds = kind === 'function' ? counted(entries, 'key') : `${counted(entries, 'entry', 'entries')} in ${counted(windows.length, 'open window')}, ${counted(lateRows, 'late row')}`;
  return [
    '',
    `${kind === 'function' ? 'Function' : 'Operator'} ${uid}: ${holds}${failed}`,
    ...windows.slice(0, WINDOWS_SHOWN).map((w) => `  ${eventTimeText(w.start)} to ${eventTimeText(w.end)}: ${counted(w.entries, 'entry', 'entries')}`),
    ...(windows.length > WINDOWS_SHOWN ? [`  and ${windows.length - WINDOWS_SHOWN} more`] : []),
    ...(operator.states.length === 0 ? [] : [gridText(stateTable(operator.states, isPaid))]),
    ...timerText(operator.timers),
  ];
}

/** The cost is that of keeping it, by the model of `monthlyUsd`. */
function stateTable(states: readonly StateUse[], isPaid: boolean): ResultTable {
  const columns = [resultColumn('state'), resultColumn('kind'), resultColumn('entries', BIGINT), resultColumn('bytes'), resultColumn('oldest')];
  return {
    columns: isPaid ? [...columns, resultColumn('$ per month')] : columns,
    rows: states.map(({ name, kind, entries, bytes, oldestAt, monthlyUsd }) => {
      const row = [name, kind, BigInt(entries), bytesText(bytes), oldestAt === null ? '-' : timeText(oldestAt)];
      return isPaid ? [...row, monthlyUsd === null ? null : usdText(monthlyUsd)] : row;
    }),
  };
}

const usdText = (usd: number): string => (usd < 0.01 ? 'less than 0.01' : usd.toFixed(2));

function timerText(timers: Timers | null): string[] {
  if (timers === null) return [];
  const { event, processing } = timers;
  return [
    ...(event.earliest === null ? [] : [`  ${counted(event.count, 'event-time timer')}, the earliest for ${eventTimeText(eventTime(event.earliest))}`]),
    ...(processing.earliest === null ? [] : [`  ${counted(processing.count, 'processing-time timer')}, the earliest for ${timeText(processing.earliest)}`]),
  ];
}

/** What is known of the past without keeping books: how many entries the logs have taken. */
function costText({ gen }: JobControl, { entries }: StateDescription): string[] {
  const usd = logCost({ entries });
  return [
    `Costs:        ${usd < 0.01 ? 'less than $0.01' : `$${usd.toFixed(2)}`} for ${counted(entries, 'write')} to the logs since generation ${gen} began`,
    `              (a model: one unit each, ${PRICES.region}, ${PRICES.date}; functions, reads, state and objects come on top)`,
  ];
}

function sourceText(source: SourceDescription): string[] {
  const held = source.partitions.find((p) => p.id === source.holder);
  const holder = held === undefined ? '' : `, held by ${held.topic}-${held.partition}`;
  const total = (what: 'skipped' | 'deadLetters' | 'lost' | 'ahead'): number => source.partitions.reduce((sum, partition) => sum + partition[what], 0);
  const skipped = total('skipped') === 0 ? [] : [`Left out: ${counted(total('skipped'), 'bad record')}`];
  const letters = total('deadLetters') === 0 ? [] : [`To the dead-letter table: ${counted(total('deadLetters'), 'bad record')}`];
  const lost = total('lost') === 0 ? [] : [`Lost: ${counted(total('lost'), 'offset')} that the topic had removed before they were read`];
  const ahead = total('ahead') === 0 ? [] : [`Ahead of the clock: ${counted(total('ahead'), 'record')} that did not move the watermark`];
  return ['', `Source ${source.table}: watermark ${eventTimeText(source.watermark)}${holder}`, gridText(partitionTable(source)), ...skipped, ...letters, ...lost, ...ahead];
}

function partitionTable({ partitions }: SourceDescription): ResultTable {
  return {
    columns: [resultColumn('partition'), resultColumn('offset', BIGINT), resultColumn('end', BIGINT), resultColumn('lag', BIGINT), resultColumn('watermark')],
    rows: partitions.map((p) => [
      `${p.topic}-${p.partition}`,
      BigInt(p.next),
      p.end === null ? null : BigInt(p.end),
      p.lag === null ? null : BigInt(p.lag),
      p.idle ? `${eventTimeText(p.watermark)} (idle)` : eventTimeText(p.watermark),
    ]),
  };
}

function savepoints({ control }: JobDescription): string[] {
  if (control.savepoints.length === 0) return ['Savepoints:   none'];
  return ['Savepoints:', ...control.savepoints.map((s) => `  ${timeText(s.at)}  ${bytesText(s.bytes)}  ${s.path}${s.drained ? '  (drained)' : ''}`)];
}
