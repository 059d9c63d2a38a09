/** Plans queries over tables that are written in one line each. */
import { isError, SluiceError } from '../../lib/core/errors.ts';
import type { Plan } from '../../lib/core/plan.ts';
import type { ColumnDefinition, Identifier, Insert, QualifiedName } from '../../lib/sql/ast.ts';
import { Cursor } from '../../lib/sql/parse-cursor.ts';
import { parseExpression } from '../../lib/sql/parse-expression.ts';
import { parseQuery } from '../../lib/sql/parse-query.ts';
import { parseType } from '../../lib/sql/parse-type.ts';
import type { Table } from '../../lib/sql/plan-context.ts';
import { planInsert } from '../../lib/sql/plan.ts';

const KAFKA = {
  connector: 'kafka',
  topic: 'events',
  'properties.bootstrap.servers': 'kafka:29092',
  'scan.startup.mode': 'earliest-offset',
  format: 'json',
};

const SPAN = { start: 0, end: 1 };
const identifier = (name: string): Identifier => ({ kind: 'identifier', name, span: SPAN });

export const nameOf = (text: string): QualifiedName => {
  const [first = '', ...rest] = text.split('.');
  return { kind: 'qualified-name', parts: [identifier(first), ...rest.map(identifier)], span: SPAN };
};

/** `name TYPE` or `name AS expression`. */
function columnDefinition(text: string): ColumnDefinition {
  const [name = '', ...rest] = text.trim().split(' ');
  const column = { name: identifier(name), comment: null, span: SPAN };
  if (rest[0] !== 'AS') return { ...column, kind: 'physical-column', type: parseType(new Cursor(rest.join(' '))) };
  return { ...column, kind: 'computed-column', expression: parseExpression(new Cursor(rest.slice(1).join(' '))) };
}

interface TableSpec {
  readonly columns: readonly string[];
  /** `column AS expression`. */
  readonly watermark?: string;
  readonly options?: Readonly<Record<string, string>>;
}

function tableFrom(path: string, { columns, watermark, options = KAFKA }: TableSpec): Table {
  const [column = '', expression = ''] = watermark?.split(' AS ') ?? [];
  return {
    path,
    name: path.split('.').at(-1) ?? path,
    connector: options['connector'] ?? '',
    columns: columns.map(columnDefinition),
    watermark:
      watermark === undefined ? null : { kind: 'watermark', column: identifier(column), expression: parseExpression(new Cursor(expression)), span: SPAN },
    primaryKey: [],
    partitionedBy: [],
    options,
    source: ' ',
  };
}

const EVENTS: TableSpec = {
  columns: ['id STRING', 'kind STRING', 'amount DECIMAL(10, 2)', 'n INT', 'total BIGINT NOT NULL', 'ts TIMESTAMP(3)', 'seen TIMESTAMP(3)', 'doubled AS n * 2'],
  watermark: "ts AS ts - INTERVAL '5' SECOND",
};

export interface Setting {
  /** Columns of the table `target`. */
  readonly sink?: readonly string[];
  readonly sinkOptions?: Readonly<Record<string, string>>;
  readonly columns?: readonly string[];
  readonly options?: Readonly<Record<string, string>>;
  readonly tables?: Readonly<Record<string, TableSpec>>;
}

const FILES = { connector: 'filesystem', path: '/out', format: 'json' };

/** The plan of `INSERT INTO target` with this query over the table `events`. */
export function planOf(sql: string, setting: Setting = {}): Plan {
  const specs: Readonly<Record<string, TableSpec>> = {
    events: EVENTS,
    target: { columns: setting.sink ?? [], options: setting.sinkOptions ?? FILES },
    ...setting.tables,
  };
  const insert: Insert = {
    kind: 'insert',
    text: sql,
    source: sql,
    span: { start: 0, end: sql.length },
    table: nameOf('target'),
    hints: [],
    columns: setting.columns?.map(identifier) ?? null,
    query: parseQuery(new Cursor(sql)),
  };
  const table = (name: QualifiedName): Table => {
    const last = name.parts.at(-1)?.name ?? '';
    const spec = specs[last];
    if (spec === undefined) throw new SluiceError('SQL_VALIDATE', { message: `unknown table ${last}` });
    return tableFrom(`default_catalog.default_database.${last}`, spec);
  };
  return planInsert(insert, { table, sink: table, view: () => null, planned: new Map(), resolvePath: (path) => path, options: setting.options ?? {} });
}

/** Code, message and hint of the refusal of a query. */
export function refusalOf(sql: string, setting: Setting = {}): string {
  try {
    planOf(sql, setting);
  } catch (error) {
    if (isError(error)) return `${error.code} ${error.message} ${error.hint ?? ''}`;
    throw error;
  }
  throw new Error(`not refused: ${sql}`);
}

export const TUMBLE = "TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL '1' MINUTE))";
