/** Files of cases that were taken from Flink's own tests and documentation: one table, its rows, sometimes a savepoint or steps by hand. */
import type { CaseRecord, CaseStep, CaseValue, ConformanceCase, ExpectedTable } from './case.ts';
import { jsonObject, plainRecord } from './sql-cases.ts';

export interface WindowFileCase {
  readonly name: string;
  readonly ddl: string;
  readonly sql: string;
  readonly input_schema: ExpectedTable['columns'];
  readonly input_rows: ExpectedTable['rows'];
  readonly expected_schema: ExpectedTable['columns'];
  readonly expected_rows: ExpectedTable['rows'];
  readonly watermark: { readonly expr: string | null };
  readonly settings?: Readonly<Record<string, string>>;
  readonly savepoint?: { readonly stop_with_savepoint_after_input_row: number };
  readonly steps?: readonly HandStep[];
  readonly tags: readonly string[];
}

type HandStep =
  | { readonly op: 'element'; readonly row: readonly CaseValue[] }
  | { readonly op: 'watermark' | 'processing_time'; readonly value: number }
  | { readonly op: 'snapshot_close_restore' | 'assert_num_late_records_dropped' };

const ROW_KIND = '$row_kind';
const OPTIONS = "'properties.bootstrap.servers' = 'memory', 'scan.startup.mode' = 'earliest-offset', 'scan.watermark.emit.strategy' = 'on-event', 'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'";

export function ofWindowCase(given: WindowFileCase): ConformanceCase {
  const table = /^(?:CREATE TABLE )?(\w+)/.exec(given.ddl)?.[1] ?? '';
  const columns = given.input_schema.filter(([name]) => name !== ROW_KIND);
  const steps = given.steps === undefined ? rowSteps(given, table, columns) : given.steps.flatMap((step) => handSteps(step, table, columns));
  return {
    name: given.name,
    category: given.name.split('/')[0] ?? '',
    settings: given.settings ?? {},
    scripts: [
      { name: 'ddl[0]', text: given.steps === undefined ? definition(given, table, columns) : handDefinition(given, table) },
      { name: 'sql', text: given.sql.replace(/^INSERT INTO \w+ /, '') },
    ],
    topics: [{ name: table, partitions: 1 }],
    steps,
    expected: { kind: 'tables', tables: [expectedTable(given)], drains: given.steps === undefined },
    lacks: hasChanges(given) ? 'a table whose rows change' : null,
  };
}

const hasChanges = ({ input_schema: schema, input_rows: rows }: WindowFileCase): boolean =>
  schema.some(([name]) => name === ROW_KIND) && rows.some(([kind]) => kind !== '+I');

function expectedTable({ expected_schema: columns, expected_rows: rows, tags }: WindowFileCase): ExpectedTable {
  const inserts = columns[0]?.[0] === ROW_KIND && rows.every(([kind]) => kind === '+I');
  return {
    name: null,
    columns: inserts ? columns.slice(1) : columns,
    isSchema: false,
    rows: inserts ? rows.map((row) => row.slice(1)) : rows,
    lines: null,
    upsertBy: tags.includes('allow_lateness') ? 2 : null,
  };
}

/** Some tests say in words what their table is: an epoch in ms that is the row time, and the other columns. */
function definition({ ddl, watermark }: WindowFileCase, table: string, columns: ExpectedTable['columns']): string {
  if (ddl.startsWith('CREATE TABLE')) return `${ddl} WITH (${connector(table)})`;
  const [epoch] = columns[0] ?? [''];
  const rowTime = `rowtime AS CAST(TO_TIMESTAMP_LTZ(\`${epoch}\`, 3) AS TIMESTAMP(3)), WATERMARK FOR rowtime AS ${watermark.expr}`;
  return `CREATE TABLE ${table} (${columns.map(([name, type]) => `\`${name}\` ${type}`).join(', ')}, ${rowTime}) WITH (${connector(table)})`;
}

const connector = (table: string): string => `'connector' = 'kafka', 'topic' = '${table}', ${OPTIONS}`;

/** A watermark by hand is a record that the query does not see. */
function handDefinition({ ddl }: WindowFileCase, table: string): string {
  const columns = ddl.slice(ddl.indexOf('(') + 1, ddl.lastIndexOf(')'));
  if (columns.includes('PROCTIME()')) return `${ddl} WITH (${connector(table)})`;
  const names = columns.split(', ').map((column) => column.split(' ')[0]);
  return `CREATE TABLE ${table}_by_hand (${columns}, mark TIMESTAMP(3), WATERMARK FOR rowtime AS mark) WITH (${connector(table)});
CREATE VIEW ${table} AS SELECT ${names.join(', ')} FROM ${table}_by_hand WHERE mark IS NULL`;
}

function rowSteps({ input_rows: rows, input_schema: schema, savepoint }: WindowFileCase, table: string, columns: ExpectedTable['columns']): CaseStep[] {
  const values = schema[0]?.[0] === ROW_KIND ? rows.map((row) => row.slice(1)) : rows;
  const records = values.map((row): CaseRecord => plainRecord(table, jsonObject(columns, row)));
  if (savepoint === undefined) return [{ kind: 'records', records }];
  const at = savepoint.stop_with_savepoint_after_input_row;
  return [{ kind: 'records', records: records.slice(0, at) }, { kind: 'restart' }, { kind: 'records', records: records.slice(at) }];
}

const iso = (epochMs: CaseValue): string => new Date(Number(epochMs)).toISOString().slice(0, -1);

function handSteps(step: HandStep, table: string, columns: ExpectedTable['columns']): CaseStep[] {
  switch (step.op) {
    case 'element': {
      const fields = columns.flatMap(([name], i): [string, CaseValue][] => {
        if (name === 'proctime_ms') return [];
        return [name === 'rowtime_ms' ? ['rowtime', iso(step.row[i] ?? 0)] : [name, step.row[i] ?? null]];
      });
      return [{ kind: 'records', records: [plainRecord(table, JSON.stringify(Object.fromEntries(fields)))] }];
    }
    case 'watermark':
      return [{ kind: 'records', records: [plainRecord(table, JSON.stringify({ rowtime: iso(step.value), mark: iso(step.value) }))] }];
    case 'processing_time':
      return [{ kind: 'clock', at: step.value }];
    case 'snapshot_close_restore':
      return [{ kind: 'restart' }];
    case 'assert_num_late_records_dropped':
      return [];
  }
}
