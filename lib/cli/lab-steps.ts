/**
 * The savepoint lab as a table: what is typed at each step, and what must be seen. In words, `{name}` is a file of the lab, the data
 * directory, or what an earlier command printed.
 */
import { tableauText, resultColumn } from '../control/table.ts';
import { daysFromCivil, MS_PER_DAY } from '../core/calendar.ts';
import { BIGINT, type Row, type SqlType } from '../core/types.ts';

export interface LabCommand {
  /** Words behind `sluice`. */
  readonly type: readonly string[];
  /** Text that the output must contain. */
  readonly see?: string;
  /** Pattern that it must match, as source of a regular expression. */
  readonly match?: string;
  /** Names the first group of `match` for later commands. */
  readonly as?: string;
  /** The command only looks, at something that takes a moment: it is repeated until that is seen, twice in a row. */
  readonly wait?: true;
  /** Not something that a user would type. */
  readonly hidden?: true;
}

export interface LabStep {
  readonly title: string;
  readonly commands: readonly LabCommand[];
}

const TIMESTAMP6: SqlType = { kind: 'TIMESTAMP', precision: 6 };
const COLUMNS = [resultColumn('window_start', TIMESTAMP6), resultColumn('window_end', TIMESTAMP6), resultColumn('event_type'), resultColumn('event_count', BIGINT)];

/** A row of the window that begins at 10:`minute` on 30 December 2025. */
function row(minute: number, eventType: string, count: bigint): Row {
  const at = (m: number): bigint => BigInt(daysFromCivil(2025, 12, 30) * MS_PER_DAY + (600 + m) * 60_000) * 1_000_000n;
  return [at(minute), at(minute + 1), eventType, count];
}

const BEFORE = [row(0, 'click', 2n), row(0, 'view', 1n)];
const RESTORED = [...BEFORE, row(1, 'click', 1n), row(1, 'purchase', 1n), row(1, 'view', 1n)];
const CLOSED = [...RESTORED, row(2, 'click', 1n)];

const CATALOG = ['-i', '{0-catalog.sql}'];
const TOPIC = 'savepoint-events';

const produce = (file: string, records: string): LabCommand => ({ type: ['topic', 'produce', TOPIC, '-f', `{${file}}`], see: `Produced ${records}` });

const query = (rows: readonly Row[]): LabCommand => ({
  type: ['sql', ...CATALOG, '-f', '{2-query.sql}'],
  see: tableauText({ columns: COLUMNS, rows }),
  wait: true,
});

const status = (job: string, word: string): LabCommand => ({ type: ['list', '-a'], match: `: {${job}} : .*\\(${word}\\)`, wait: true });

/** Without it, a table could be looked at before the job has read what was sent. */
const readAll = (job: string): LabCommand => ({ type: ['describe', `{${job}}`, '--json'], match: '"lag":0,', wait: true, hidden: true });

export const LAB: readonly LabStep[] = [
  {
    title: 'Step 1: submit the job',
    commands: [
      { type: ['topic', 'create', TOPIC], see: `Created topic ${TOPIC}` },
      { type: ['sql', ...CATALOG, '-f', '{1-job.sql}'], match: 'Job ID: ([0-9a-f]{32})', as: 'job' },
      status('job', 'RUNNING'),
    ],
  },
  {
    title: 'Step 2: send sp001-sp004; the window 10:00-10:01 fires',
    commands: [produce('1-before.jsonl', '4 records'), readAll('job'), query(BEFORE)],
  },
  {
    title: 'Step 3: take a savepoint; the job goes on',
    commands: [
      { type: ['savepoint', '{job}', '{dir}/savepoints'], match: 'Savepoint completed\\. Path: (.+/savepoint-[0-9a-f]{6}-[0-9a-f]{12})', as: 'savepoint' },
      status('job', 'RUNNING'),
    ],
  },
  {
    title: 'Step 4: cancel the job',
    commands: [{ type: ['cancel', '{job}'], see: 'Cancelled job {job}.' }, status('job', 'CANCELED')],
  },
  {
    title: 'Step 5: send sp005-sp008 while nothing runs; nothing changes',
    commands: [produce('2-while-stopped.jsonl', '4 records'), query(BEFORE)],
  },
  {
    title: 'Step 6: submit the job again, from the savepoint',
    commands: [
      { type: ['sql', ...CATALOG, '-e', "SET 'execution.savepoint.path' = '{savepoint}'", '-f', '{6-resume.sql}'], match: 'Job ID: (?!{job})([0-9a-f]{32})', as: 'resumed' },
      status('resumed', 'RUNNING'),
    ],
  },
  {
    title: 'Step 7: five rows; the window 10:02-10:03 with sp004 stays open',
    commands: [readAll('resumed'), query(RESTORED)],
  },
  {
    title: 'Step 8: send sp009; the sixth row is sp004, restored from the savepoint',
    commands: [produce('3-close.jsonl', '1 record'), readAll('resumed'), query(CLOSED)],
  },
];
