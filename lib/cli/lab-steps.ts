/** The savepoint lab as a table: what is typed at each step, and what must be seen. */
import { resultColumn, type ResultTable } from '../control/table.ts';
import { BIGINT, type Row } from '../core/types.ts';
import { clock, createTopic, produce, query, readAll, status, submit, TIMESTAMP6, type LabCommand, type LabStep } from './lab-command.ts';

const COLUMNS = [resultColumn('window_start', TIMESTAMP6), resultColumn('window_end', TIMESTAMP6), resultColumn('event_type'), resultColumn('event_count', BIGINT)];

/** A row of the window that begins at 10:`minute`. */
const row = (minute: number, eventType: string, count: bigint): Row => [clock(`10:${minute}`), clock(`10:${minute + 1}`), eventType, count];

const BEFORE = [row(0, 'click', 2n), row(0, 'view', 1n)];
const RESTORED = [...BEFORE, row(1, 'click', 1n), row(1, 'purchase', 1n), row(1, 'view', 1n)];
const CLOSED = [...RESTORED, row(2, 'click', 1n)];

const TOPIC = 'savepoint-events';

const rows = (expected: ResultTable['rows']): LabCommand => query('2-query.sql', { columns: COLUMNS, rows: expected });

export const LAB: readonly LabStep[] = [
  {
    title: 'Step 1: submit the job',
    commands: [createTopic(TOPIC), submit('1-job.sql', 'job'), status('job', 'RUNNING')],
  },
  {
    title: 'Step 2: send sp001-sp004; the window 10:00-10:01 fires',
    commands: [produce(TOPIC, '1-before.jsonl', 4), readAll('job'), rows(BEFORE)],
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
    commands: [produce(TOPIC, '2-while-stopped.jsonl', 4), rows(BEFORE)],
  },
  {
    title: 'Step 6: submit the job again, from the savepoint',
    commands: [
      submit('6-resume.sql', 'resumed', { words: ['-e', "SET 'execution.savepoint.path' = '{savepoint}'"], match: 'Job ID: (?!{job})([0-9a-f]{32})' }),
      status('resumed', 'RUNNING'),
    ],
  },
  {
    title: 'Step 7: five rows; the window 10:02-10:03 with sp004 stays open',
    commands: [readAll('resumed'), rows(RESTORED)],
  },
  {
    title: 'Step 8: send sp009; the sixth row is sp004, restored from the savepoint',
    commands: [produce(TOPIC, '3-close.jsonl', 1), readAll('resumed'), rows(CLOSED)],
  },
];
