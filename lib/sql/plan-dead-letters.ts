/** The dead-letter table of a job (W10): a sink of its own, fed by the records that fail. Its columns are matched by name. */
import { isError, SluiceError } from '../core/errors.ts';
import { castTo, columnAt, literal } from '../core/expression.ts';
import { FAILED_RECORD_COLUMNS } from '../core/failed-record.ts';
import type { CalcNode, Expression, FailedRecordsNode, PlanNode, SinkNode, SourceNode } from '../core/plan.ts';
import { BYTES, sameType, STRING, typeText, type Column, type SqlType } from '../core/types.ts';
import type { Insert } from './ast.ts';
import { parseQualifiedName } from './parse.ts';
import type { PlanContext, Table } from './plan-context.ts';
import { sinkColumns, sinkConnector, sinkNode } from './plan-sink.ts';
import { uidOf } from './plan-uid.ts';
import { Refusal } from './refusal.ts';

const POLICY = 'sluice.on-record-error';
const TABLE = 'sluice.dead-letter-table';

/** Nothing where the job of `insert`, which reads `sources`, has another policy. Throws OPTION_INVALID. */
export function planDeadLetters(insert: Insert, sources: readonly SourceNode[], context: PlanContext): PlanNode[] {
  const name = context.options[TABLE];
  const isDlq = context.options[POLICY]?.toLowerCase() === 'dlq';
  if (name === undefined && !isDlq) return [];
  if (name === undefined) throw refused(`'${POLICY}' is 'dlq', but no table takes the records`, `SET '${TABLE}' = 'catalog.database.table'.`);
  if (!isDlq) throw refused(`'${TABLE}' is set, but '${POLICY}' is not 'dlq'`, `SET '${POLICY}' = 'dlq', or RESET '${TABLE}'.`);
  return ofOption(() => nodesFor(insert, name, sources, context));
}

function nodesFor(insert: Insert, text: string, sources: readonly SourceNode[], context: PlanContext): PlanNode[] {
  const into = { ...insert, table: parseQualifiedName(text) };
  const table = context.table(into.table, text);
  const columns = sinkColumns(table, into);
  // Of the table's name: rows that wait for one table are not those of another (F14).
  const uid = uidOf(`dead-letters-${table.name}`);
  const from: FailedRecordsNode = { kind: 'failed-records', uid: uidOf('failed-records'), columns: FAILED_RECORD_COLUMNS };
  const calc: CalcNode = { kind: 'calc', uid: uidOf(`calc-${uid}`), input: from.uid, where: null, project: projectTo(table, columns), columns };
  const sink = sinkNode({ uid, input: calc.uid, table, connector: sinkConnector(table, into), columns });
  requireNoLoop(sink, sources);
  return [from, calc, sink];
}

/** A dead letter that the job itself read would fail as well, and leave another. */
function requireNoLoop({ table, records }: SinkNode, sources: readonly SourceNode[]): void {
  const source = sources.find(({ topics, properties }) => records !== undefined && topics.includes(records.topic) && mayShareBrokers(properties, records.properties));
  if (source === undefined) return;
  throw refused(`the dead-letter table '${table}' writes into the topic '${records?.topic}', which the job reads as '${source.table}': every dead letter would leave another`, 'Name a table of another topic.');
}

type Properties = Readonly<Record<string, string>>;

/** Lists of servers that have none in common are of different clusters; where there is none, nobody knows. */
function mayShareBrokers(a: Properties = {}, b: Properties = {}): boolean {
  const [ours, theirs] = [a, b].map((properties) => properties['bootstrap.servers']?.split(',').map((server) => server.trim()));
  return ours === undefined || theirs === undefined || ours.some((server) => theirs.includes(server));
}

/** What the table has besides is NULL. */
function projectTo(table: Table, columns: readonly Column[]): Expression[] {
  for (const { name, type } of FAILED_RECORD_COLUMNS) {
    if (columns.some((column) => column.name === name)) continue;
    throw refused(`the dead-letter table '${table.path}' has no column '${name}'`, `Add ${name} ${typesText(type)}; its columns are ${SCHEMA}.`);
  }
  return columns.map((column) => valueOf(table, column));
}

function valueOf(table: Table, column: Column): Expression {
  const index = FAILED_RECORD_COLUMNS.findIndex(({ name }) => name === column.name);
  const from = FAILED_RECORD_COLUMNS[index];
  if (from === undefined) {
    if (column.nullable) return literal(column.type, null);
    throw refused(`column '${column.name}' of the dead-letter table '${table.path}' is NOT NULL, and nothing is known to go there`, `Its columns are ${SCHEMA}.`);
  }
  const expression = castTo(columnAt(index, from.type), column.type);
  if (typeof expression === 'string' || !takes(from.type, column.type)) {
    throw refused(`column '${column.name}' of the dead-letter table '${table.path}' is ${typeText(column.type)}`, `It has to be ${typesText(from.type)}.`);
  }
  if (from.nullable && !column.nullable) {
    throw refused(`column '${column.name}' of the dead-letter table '${table.path}' is NOT NULL`, `Not every record has a ${column.name}: leave NOT NULL out.`);
  }
  return expression;
}

/** Bytes may be kept as text; times of more digits hold those of fewer, and some catalogs have no others. */
function takes(from: SqlType, to: SqlType): boolean {
  if (from.kind === 'TIMESTAMP_LTZ') return to.kind === from.kind && to.precision >= from.precision;
  return sameType(from, to) || (sameType(from, BYTES) && sameType(to, STRING));
}

const typesText = (type: SqlType): string => (sameType(type, BYTES) ? 'BYTES or STRING' : typeText(type));

const SCHEMA = FAILED_RECORD_COLUMNS.map(({ name, type }) => `${name} ${typesText(type)}`).join(', ');

const refused = (message: string, hint: string): SluiceError => new SluiceError('OPTION_INVALID', { message, hint });

/** What is wrong with the name or the table, as a mistake of the option: the statement at hand does not show it. */
function ofOption<T>(plan: () => T): T {
  try {
    return plan();
  } catch (error) {
    if (isError(error, 'OPTION_INVALID') || !(error instanceof Refusal || isError(error))) throw error;
    const { message, hint } = error;
    throw new SluiceError('OPTION_INVALID', { message: `'${TABLE}': ${message}`, ...(hint === undefined ? {} : { hint }) });
  }
}
