/**
 * Steps of the lab and of its chapters, and how they are built: what is typed, and what must be seen. In words, `{name}` is a file of the lab, the
 * data directory, or what an earlier command printed.
 */
import { tableauText } from '../control/table.ts';
import type { ResultTable } from '../control/table.ts';
import { daysFromCivil, MS_PER_DAY } from '../core/calendar.ts';
import type { SqlType, Value } from '../core/types.ts';

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

export const TIMESTAMP6: SqlType = { kind: 'TIMESTAMP', precision: 6 };

/** A time of 30 December 2025, as a value of TIMESTAMP(6): `10:02:30`. */
export function clock(time: string): Value {
  const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
  return BigInt(daysFromCivil(2025, 12, 30) * MS_PER_DAY + ((hours * 60 + minutes) * 60 + seconds) * 1000) * 1_000_000n;
}

const CATALOG = ['-i', '{0-catalog.sql}'];

export const createTopic = (topic: string, partitions = 1): LabCommand => ({
  type: ['topic', 'create', topic, ...(partitions === 1 ? [] : ['--partitions', String(partitions)])],
  see: `Created topic ${topic}`,
});

/** Submits the job of a script, with more words in front of its name; its id is known as `job` from then on. */
export const submit = (file: string, job: string, { words = [], match = 'Job ID: ([0-9a-f]{32})' }: { words?: readonly string[]; match?: string } = {}): LabCommand => ({
  type: ['sql', ...CATALOG, ...words, '-f', `{${file}}`],
  match,
  as: job,
});

export const produce = (topic: string, file: string, records: number, partition?: number): LabCommand => ({
  type: ['topic', 'produce', topic, '-f', `{${file}}`, ...(partition === undefined ? [] : ['--partition', String(partition)])],
  see: `Produced ${records} record${records === 1 ? '' : 's'}`,
});

export const query = (file: string, table: ResultTable): LabCommand => ({
  type: ['sql', ...CATALOG, '-f', `{${file}}`],
  see: tableauText(table),
  wait: true,
});

export const status = (job: string, word: string): LabCommand => ({ type: ['list', '-a'], match: `: {${job}} : .*\\(${word}\\)`, wait: true });

/** Without it, a table could be looked at before the job has read what was sent. */
export const readAll = (job: string): LabCommand => ({ type: ['describe', `{${job}}`, '--json'], match: '"lag":0,', wait: true, hidden: true });
