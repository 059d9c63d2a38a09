/** Walk-throughs of the windows, beside the lab: a topic, a job, and what is in its table after each of its files. */
import { resultColumn } from '../control/table.ts';
import { BIGINT, INT, type Row } from '../core/types.ts';
import { clock, createTopic, produce, query, readAll, status, submit, TIMESTAMP6, type LabCommand, type LabStep } from './lab-command.ts';
import { LAB } from './lab-steps.ts';

/** A walk-through and what it says when all was seen. */
export interface Chapter {
  readonly about: string;
  readonly steps: readonly LabStep[];
  readonly end: string;
}

const BOUNDS = [resultColumn('window_start', TIMESTAMP6), resultColumn('window_end', TIMESTAMP6)];
const COUNT = resultColumn('event_count', BIGINT);

/** `window('10:00', '10:01', …)`. */
const window = (start: string, end: string, ...values: Row): Row => [clock(start), clock(end), ...values];

const started = (topic: string, chapter: string): LabStep => ({
  title: 'Step 1: submit the job',
  commands: [createTopic(topic), submit(`${chapter}/1-job.sql`, 'job'), status('job', 'RUNNING')],
});

/** Sends a file, and looks into the table when the job has read it. */
const sent = (title: string, topic: string, { file, records, look }: { file: string; records: number; look: LabCommand }): LabStep => ({
  title,
  commands: [produce(topic, file, records), readAll('job'), look],
});

const hopRows = (rows: readonly Row[]): LabCommand => query('hop/2-query.sql', { columns: [...BOUNDS, resultColumn('event_type'), COUNT], rows });
const HOP_FIRST = [window('9:59:30', '10:00:30', 'click', 1n)];
const HOP_ALL = [
  ...HOP_FIRST,
  window('10:00', '10:01', 'click', 2n),
  window('10:00', '10:01', 'view', 1n),
  window('10:00:30', '10:01:30', 'click', 1n),
  window('10:00:30', '10:01:30', 'view', 2n),
  window('10:01', '10:02', 'view', 1n),
];

const HOP: Chapter = {
  about: 'windows that overlap: the last minute, every 30 seconds',
  steps: [
    started('hop-events', 'hop'),
    sent('Step 2: send h1-h4, the last one at 10:01:10; windows up to 10:01 fire', 'hop-events', { file: 'hop/1-events.jsonl', records: 4, look: hopRows(HOP_ALL.slice(0, 3)) }),
    sent('Step 3: send h5 at 10:02:40; every event before it has been in two windows', 'hop-events', { file: 'hop/2-close.jsonl', records: 1, look: hopRows(HOP_ALL) }),
  ],
  end: 'Each event is in two windows, and was folded once: windows share their slices of 30 seconds.',
};

const cumulateRows = (rows: readonly Row[]): LabCommand => query('cumulate/2-query.sql', { columns: [...BOUNDS, resultColumn('purchases', BIGINT), resultColumn('revenue', INT)], rows });
const CUMULATED = [window('10:00', '10:01', 2n, 50), window('10:00', '10:02', 2n, 50), window('10:00', '10:03', 3n, 55)];

const CUMULATE: Chapter = {
  about: 'windows that grow: what has come in since the beginning, every minute of three',
  steps: [
    started('cumulate-events', 'cumulate'),
    sent('Step 2: send c1-c4, the last one at 10:02:20; two minutes are told, the second of which brought no purchase', 'cumulate-events', {
      file: 'cumulate/1-events.jsonl',
      records: 4,
      look: cumulateRows(CUMULATED.slice(0, 2)),
    }),
    sent('Step 3: send c5 at 10:03:10; the third row is the whole window', 'cumulate-events', { file: 'cumulate/2-close.jsonl', records: 1, look: cumulateRows(CUMULATED) }),
  ],
  end: 'Each row held what the row before it held.',
};

const sessionRows = (rows: readonly Row[]): LabCommand => query('session/2-query.sql', { columns: [...BOUNDS, resultColumn('user_id'), COUNT], rows });
const SESSIONS = [window('10:00:10', '10:01:40', 'u001', 2n), window('10:00:20', '10:01:20', 'u002', 1n), window('10:03', '10:04:50', 'u001', 2n)];

const SESSION: Chapter = {
  about: 'windows that end with a pause: what each user does without a minute between',
  steps: [
    started('session-events', 'session'),
    sent('Step 2: send s1-s4; the first sessions of both users are over, s4 begins another', 'session-events', { file: 'session/1-events.jsonl', records: 4, look: sessionRows(SESSIONS.slice(0, 2)) }),
    sent('Step 3: send s5, 50 seconds behind s4; their session goes on', 'session-events', { file: 'session/2-goes-on.jsonl', records: 1, look: sessionRows(SESSIONS.slice(0, 2)) }),
    sent('Step 4: send s6 of another user at 10:05; the session of s4 and s5 is over', 'session-events', { file: 'session/3-close.jsonl', records: 1, look: sessionRows(SESSIONS) }),
  ],
  end: 'A session ends a minute behind its last event, whatever its length.',
};

const idleRows = (job: 'idle' | 'waits', rows: readonly Row[]): LabCommand => query(`idle/2-query-${job}.sql`, { columns: [...BOUNDS, COUNT], rows });

const IDLE: Chapter = {
  about: 'partitions that fall silent: when windows close all the same',
  steps: [
    {
      title: "Step 1: submit two jobs over a topic of two partitions, the second with 'scan.watermark.idle-timeout' = '1 s'",
      commands: [
        createTopic('idle-events', 2),
        submit('idle/1-waits.sql', 'waits'),
        submit('idle/1-idle.sql', 'idle', { match: 'Job ID: (?!{waits})([0-9a-f]{32})' }),
        status('waits', 'RUNNING'),
        status('idle', 'RUNNING'),
      ],
    },
    {
      title: 'Step 2: send i1-i3 to one partition; the other one is silent, and only the second job goes on without it',
      commands: [
        produce('idle-events', 'idle/1-one-partition.jsonl', 3, 0),
        idleRows('idle', [window('10:00', '10:01', 2n)]),
        idleRows('waits', []),
        { type: ['describe', '{idle}'], match: 'idle-events-1 .*\\(idle\\)', wait: true },
      ],
    },
    {
      title: 'Step 3: send i4 and i5 to the other partition; i4 is in time for the first job, and late for the second',
      commands: [
        produce('idle-events', 'idle/2-other-partition.jsonl', 2, 1),
        idleRows('waits', [window('10:00', '10:01', 3n)]),
        idleRows('idle', [window('10:00', '10:01', 2n)]),
        { type: ['describe', '{idle}'], match: ', 1 late row\\n', wait: true },
      ],
    },
  ],
  end: 'Who does not wait for a silent partition may find its records late: choose the timeout accordingly.',
};

const SAVEPOINT: Chapter = { about: 'the savepoint lab', steps: LAB, end: 'All steps showed what they must: nothing twice, nothing lost.' };

export const CHAPTERS: Readonly<Record<string, Chapter>> = { savepoint: SAVEPOINT, hop: HOP, cumulate: CUMULATE, session: SESSION, idle: IDLE };
