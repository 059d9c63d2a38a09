/** Files of cases that were recorded from a real run of Flink: statements, rows or raw lines or records of topics, and results or an error. */
import type { CaseRecord, CaseTopic, CaseValue, ConformanceCase, Expected, ExpectedTable } from './case.ts';

export interface SqlCase {
  readonly name: string;
  readonly category: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly ddl: readonly string[];
  readonly input: Readonly<Record<string, CaseInput>>;
  readonly sql: string;
  /** `final`: it does not matter when watermarks are emitted; `per-row`: behind every row. */
  readonly watermark?: 'final' | 'per-row';
  readonly columns?: ExpectedTable['columns'];
  readonly expected_rows?: ExpectedTable['rows'];
  readonly outputs?: Readonly<Record<string, { readonly columns: ExpectedTable['columns']; readonly expected_rows: ExpectedTable['rows']; readonly expected_lines?: readonly string[] }>>;
  readonly expected_error?: {
    readonly phase: 'parse' | 'validate' | 'runtime';
    readonly message_contains: string;
    readonly message_kind: 'user' | 'internal';
    readonly position?: { readonly line: number; readonly column: number };
  };
}

type CaseInput =
  | { readonly columns: ExpectedTable['columns']; readonly rows: readonly (readonly CaseValue[])[] }
  | { readonly raw_lines: readonly string[] }
  | { readonly kafka_records: readonly Omit<CaseRecord, 'topic'>[] };

export function ofSqlCase(given: SqlCase): ConformanceCase {
  const statements = [...given.ddl.map((text, i) => ({ name: `ddl[${i}]`, text: withConnectors(text, given) })), { name: 'sql', text: given.sql }];
  const records = Object.entries(given.input).flatMap(([table, input]) => recordsOf(table, input));
  return {
    name: given.name,
    category: given.category,
    settings: given.settings,
    scripts: statements,
    topics: Object.keys(given.input).map((name): CaseTopic => ({ name, partitions: 1 + Math.max(0, ...records.filter((r) => r.topic === name).map((r) => r.partition)) })),
    steps: [{ kind: 'records', records }],
    expected: expectedOf(given),
    lacks: null,
  };
}

function expectedOf({ columns, expected_rows: rows, outputs, expected_error: error }: SqlCase): Expected {
  if (error !== undefined) {
    return { kind: 'error', phase: error.phase, message: error.message_contains, isMeant: error.message_kind === 'user', position: error.position ?? null };
  }
  const written = Object.entries(outputs ?? {}).map(([name, output]): ExpectedTable => {
    return { name, columns: output.columns, isSchema: true, rows: output.expected_rows, lines: output.expected_lines ?? null, upsertBy: null };
  });
  const collected: ExpectedTable[] = columns === undefined ? [] : [{ name: null, columns, isSchema: true, rows: rows ?? [], lines: null, upsertBy: null }];
  return { kind: 'tables', tables: [...collected, ...written], drains: true };
}

const CREATE = /^\s*CREATE\s+(?:TEMPORARY\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?:[\w`$]+\s*\.\s*)*(?:`([^`]+)`|(\w+))/i;

/**
 * Topics in the place of `$input`, which are folded in one piece where it does not matter when watermarks are emitted: so that sums of DOUBLE are
 * added up row by row, as in Flink. In the place of `$output` a topic if it has a format and a printed table otherwise.
 */
export function withConnectors(ddl: string, { input, watermark }: Pick<SqlCase, 'input' | 'watermark'>): string {
  const strategy = watermark === 'final' ? '' : ", 'scan.watermark.emit.strategy' = 'on-event'";
  const table = CREATE.exec(ddl)?.[1] ?? CREATE.exec(ddl)?.[2] ?? '';
  const given = input[table];
  const format = given !== undefined && 'rows' in given ? ", 'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'" : '';
  const topic = `'connector' = 'kafka', 'topic' = '${table}', 'properties.bootstrap.servers' = 'memory'`;
  const output = /'(?:value\.)?format'/.test(ddl) ? `${topic}, 'sink.delivery-guarantee' = 'none'` : "'connector' = 'filesystem', 'path' = '/out', 'format' = 'json'";
  return ddl
    .replaceAll(/'connector'\s*=\s*'\$input'/g, `${topic}, 'scan.startup.mode' = 'earliest-offset'${strategy}${format}`)
    .replaceAll(/'connector'\s*=\s*'\$output'/g, output);
}

function recordsOf(topic: string, input: CaseInput): CaseRecord[] {
  if ('kafka_records' in input) return input.kafka_records.map((record) => ({ ...record, topic }));
  const lines = 'raw_lines' in input ? input.raw_lines : input.rows.map((row) => jsonObject(input.columns, row));
  return lines.map((value) => plainRecord(topic, value));
}

export const plainRecord = (topic: string, value: string): CaseRecord => ({ topic, partition: 0, value, key: null, timestamp: 0, headers: [] });

/** Keeps the sign of zero. */
export const jsonObject = (columns: ExpectedTable['columns'], row: readonly CaseValue[]): string =>
  `{${columns.map(([name], i) => `${JSON.stringify(name)}:${Object.is(row[i], -0) ? '-0.0' : JSON.stringify(row[i] ?? null)}`).join(',')}}`;
