/** Sources as values: what `job.from` takes. */
import { assert } from '../../core/errors.ts';
import { callFunction, columnAt, literal } from '../../core/expression.ts';
import type { Uid } from '../../core/numbers.ts';
import { isKind, type EventTimeSpec, type SourceNode } from '../../core/plan.ts';
import type { DecodeRecord } from '../../core/process/code.ts';
import { STREAM_ROW } from '../../core/process/rows.ts';
import { TIMESTAMP3 } from '../../core/types.ts';
import type { Surroundings } from '../../sql/plan-catalog.ts';
import { planScript } from '../../sql/plan-script.ts';
import { millisecondsOf } from '../duration.ts';
import { optionsText, quoted } from '../sql/text.ts';
import type { EventTimeOptions } from './records.ts';

/** A source of values of type `T`; made by `kafka`, `files` and `generator`. */
export interface Source<T> {
  /** Its values have event time. */
  readonly isTimed: boolean;
  /** Throws OPTION_INVALID or JOB_DEFINITION. */
  readonly open: (uid: Uid, environment: Environment) => { readonly node: SourceNode; readonly decoder: DecodeRecord };
  /** Never there: it keeps the type. */
  readonly type?: () => T;
}

/** What sources and sinks are made in. */
export interface Environment {
  readonly surroundings: Surroundings;
  /** `table.exec.source.idle-timeout`, of sources that have none of their own. */
  readonly idleTimeoutMs: number;
}

/** A table as SQL would read it, so that options mean what they mean there and are refused in the same words. */
export interface SourceTable {
  /** Its columns, as text of SQL. */
  readonly columns: string;
  readonly options: Readonly<Record<string, string | undefined>>;
}

/** The node of a table, with the program in the place of its format. */
export function sourceNode<T>(uid: Uid, { columns, options }: SourceTable, eventTime: EventTimeOptions<T>, environment: Environment): SourceNode {
  const [name, sink] = [quoted(uid), quoted(`${uid} is read`)];
  const create = `CREATE TABLE ${name} (${columns}) WITH (${optionsText(options)})`;
  const plan = planScript(`${create}; CREATE TABLE ${sink} (${columns}) WITH ('connector' = 'blackhole'); INSERT INTO ${sink} SELECT * FROM ${name}`, environment.surroundings);
  const node = plan.nodes.find(isKind('source'));
  assert(node, 'a table that is read is a source');
  const { idleTimeout } = eventTime;
  const idleTimeoutMs = idleTimeout === undefined ? environment.idleTimeoutMs : millisecondsOf(idleTimeout, `source ${uid}`, 'idleTimeout', 0);
  return { ...node, uid, table: uid, format: { kind: 'code' }, columns: STREAM_ROW, eventTime: eventTimeOf(uid, eventTime), idleTimeoutMs };
}

const TIME = 1;
const WITHOUT_DELAY = 0;

/** As `WATERMARK FOR time AS time - INTERVAL …`. */
function eventTimeOf<T>(uid: Uid, { eventTime, outOfOrderness = WITHOUT_DELAY }: EventTimeOptions<T>): EventTimeSpec | null {
  if (eventTime === undefined) return null;
  const ms = millisecondsOf(outOfOrderness, `source ${uid}`, 'outOfOrderness', 0);
  const time = columnAt(TIME, TIMESTAMP3);
  const watermark = ms === 0 ? time : callFunction('-', [time, literal({ kind: 'INTERVAL_DAY' }, ms)]);
  assert(typeof watermark !== 'string', 'an interval can be subtracted from a time');
  return { column: TIME, watermark };
}
