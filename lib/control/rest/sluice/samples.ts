/** Late and bad records: how many, and what the store has kept of them. */
import type { JobId } from '../../../core/numbers.ts';
import type { OperatorDescription, PartitionDescription } from '../../describe.ts';
import { get, type Rest, type Route } from '../route.ts';
import { integer, list, nullable, object, oneOf, text, type Of } from '../shape.ts';
import { look } from './look.ts';
import { FIRE_ERROR, RECORD_ERROR, RECORD_ERROR_FIELDS, SAMPLE, SINK_ERROR } from './words.ts';

/** Of each kind: nobody reads more. */
const SHOWN = 100;

const ROWS_OF = object({ uid: text, rows: integer });

const SAMPLES = object({
  /** Their partitions wait behind them. */
  waiting: list(RECORD_ERROR),
  /** The last one of each partition, and how many there were, newest first. */
  deadLetters: list(object({ ...RECORD_ERROR_FIELDS, count: integer })),
  /** Late rows are counted, not kept. */
  late: list(ROWS_OF),
  /** Rows that functions of the program failed on. */
  failed: list(ROWS_OF),
  /** Partitions whose log has passed something over. */
  passedOver: list(object({ id: text, topic: text, partition: integer, skipped: integer, deadLetters: integer, ahead: integer, lost: integer })),
  fireError: nullable(FIRE_ERROR),
  sinkErrors: list(SINK_ERROR),
});

const HISTORY = object({ seconds: list(SAMPLE), minutes: list(SAMPLE), offsets: oneOf('records', 'bytes') });

export const SAMPLE_ROUTES: readonly Route[] = [
  get({ path: '/sluice/v1/jobs/:jobid/samples', summary: 'Late and bad records of a job: how many, and what is kept of them.' }, SAMPLES, async (rest, { params }) => samplesOf(rest, params.jobid)),
  get({ path: '/sluice/v1/jobs/:jobid/history', summary: 'Throughput and lag of a job over time, as far as this process has seen them.' }, HISTORY, async (rest, { params }) => {
    const { plane, history } = rest;
    if (history.isStale(params.jobid, plane.runtime.now())) look(rest, params.jobid, await plane.standing(params.jobid));
    return { ...history.of(params.jobid), offsets: plane.offsets };
  }),
];

async function samplesOf({ plane }: Rest, id: JobId): Promise<Of<typeof SAMPLES>> {
  const [{ state, recordErrors, fireError, sinkErrors }, deadLetters] = await Promise.all([plane.describe(id), plane.deadLetters(id)]);
  const operators = state?.operators ?? [];
  const partitions = (state?.sources ?? []).flatMap((source) => source.partitions);
  return {
    waiting: recordErrors.slice(0, SHOWN),
    deadLetters: deadLetters.toSorted((a, b) => b.at - a.at).slice(0, SHOWN),
    late: rowsOf(operators, ({ lateRows }) => lateRows),
    failed: rowsOf(operators, ({ failedRows }) => failedRows),
    passedOver: partitions.filter(hasPassedOver).slice(0, SHOWN).map(passedOver),
    fireError,
    sinkErrors: sinkErrors.slice(0, SHOWN),
  };
}

const rowsOf = (operators: readonly OperatorDescription[], count: (operator: OperatorDescription) => number): Of<typeof ROWS_OF>[] =>
  operators.map((operator) => ({ uid: operator.uid, rows: count(operator) })).filter(({ rows }) => rows > 0);

const hasPassedOver = ({ skipped, deadLetters, ahead, lost }: PartitionDescription): boolean => skipped + deadLetters + ahead + lost > 0;

const passedOver = ({ id, topic, partition, skipped, deadLetters, ahead, lost }: PartitionDescription): Of<typeof SAMPLES>['passedOver'][number] => ({ id, topic, partition, skipped, deadLetters, ahead, lost });
