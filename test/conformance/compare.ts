/** What a case gave against what Flink gives: null, or the difference for a reader. */
import { ROW_KIND, typeText, type Column, type Row } from '../../lib/core/types.ts';
import type { ConformanceCase, ExpectedError, ExpectedTable } from './case.ts';
import { canonical, caseValue } from './case-values.ts';
import type { Outcome, ResultTable } from './run-case.ts';

export interface Verdict {
  readonly passed: boolean;
  /** Why not, or what is said in other words than Flink's; empty for a case that is exactly Flink's. */
  readonly notes: readonly string[];
}

const failed = (...notes: string[]): Verdict => ({ passed: false, notes });

export function compare({ expected }: ConformanceCase, outcome: Outcome): Verdict {
  if (outcome.kind === 'crashed') return failed(`crashed: ${outcome.error instanceof Error ? (outcome.error.stack ?? outcome.error.message) : String(outcome.error)}`);
  if (expected.kind === 'error') return compareError(expected, outcome);
  if (outcome.kind === 'refused') return failed(`refused (${outcome.phase}): ${outcome.error.code}: ${outcome.error.message}`);
  const notes = expected.tables.flatMap((table) => compareTable(table, outcome.tables.find(({ name }) => name === table.name)));
  return { passed: notes.length === 0, notes };
}

/** Refused before the job starts, or failed while it runs, must agree; words and places are noted. */
function compareError(expected: ExpectedError, outcome: Exclude<Outcome, { kind: 'crashed' }>): Verdict {
  if (outcome.kind === 'tables') return failed(`accepted, and Flink says (${expected.phase}): ${expected.message}`);
  const { error, phase } = outcome;
  if ((phase === 'runtime') !== (expected.phase === 'runtime')) return failed(`refused in phase ${phase}, not ${expected.phase}: ${error.message}`);
  const says = `${error.message} ${error.hint ?? ''}`.toLowerCase();
  const words = !expected.isMeant || says.includes(expected.message.toLowerCase()) ? [] : [`says: ${error.code}: ${error.message}\n  Flink: ${expected.message}`];
  const { line, column } = error.details;
  const at = expected.position;
  const place = at === null || (line === at.line && column === at.column) ? [] : [`points to ${line}:${column}, Flink to ${at.line}:${at.column}`];
  const when = phase === expected.phase ? [] : [`in phase ${phase}, in Flink ${expected.phase}`];
  return { passed: true, notes: [...when, ...words, ...place] };
}

function compareTable(expected: ExpectedTable, given: ResultTable | undefined): string[] {
  if (given === undefined) return [`there is no table ${expected.name}`];
  const result = expected.columns[0]?.[0] === ROW_KIND.name ? asTold(given, expected) : withoutKinds(given, expected);
  const schema = expected.isSchema ? compareSchema(expected.columns, result.columns) : [];
  if (schema.length > 0) return schema;
  const wanted = expected.rows.map((row) => row.map((value, i) => canonical(value, expected.columns[i]?.[1] ?? '')).join(', '));
  const rows = expected.upsertBy === null ? result.rows : lastOf(result.rows, expected.upsertBy);
  return [...compareLists('row', wanted, rows.map((row) => rowText(row, result.columns, expected.columns))), ...compareLists('line', expected.lines ?? [], expected.lines === null ? [] : (result.lines ?? []))];
}

/** A sink of Flink's tests that upserts is not told what is taken back. */
function asTold(result: ResultTable, { rows }: ExpectedTable): ResultTable {
  const upserts = rows.some(([kind]) => kind === '+U') && rows.every(([kind]) => kind !== '-U');
  return upserts ? { ...result, rows: result.rows.filter(([kind]) => kind !== '-U') } : result;
}

/** Files leave the kind of changes out where all are inserts, and where they show what an upserting sink has in the end. */
function withoutKinds(result: ResultTable, { upsertBy }: ExpectedTable): ResultTable {
  const isKind = result.columns[0]?.name === ROW_KIND.name && (upsertBy !== null || result.rows.every(([kind]) => kind === '+I'));
  const rows = result.rows.filter(([kind]) => kind !== '-U');
  return isKind ? { ...result, columns: result.columns.slice(1), rows: rows.map((row) => row.slice(1)) } : result;
}

const lastOf = (rows: readonly Row[], keys: number): readonly Row[] =>
  [...new Map(rows.map((row) => [JSON.stringify(row.slice(0, keys).map(String)), row])).values()];

/** NOT NULL is left to Flink. */
const plainType = (text: string): string => text.replaceAll(' NOT NULL', '').replaceAll(/\s+/g, '').replaceAll('VARCHAR(2147483647)', 'STRING').replaceAll('VARBINARY(2147483647)', 'BYTES');

function compareSchema(expected: ExpectedTable['columns'], columns: readonly Column[]): string[] {
  const wanted = expected.map(([name, type]) => `${name} ${plainType(type)}`).join(', ');
  const got = columns.map(({ name, type }) => `${name} ${plainType(typeText(type))}`).join(', ');
  return wanted === got ? [] : [`columns: ${got}\n    Flink: ${wanted}`];
}

function rowText(row: Row, columns: readonly Column[], expected: ExpectedTable['columns']): string {
  return columns
    .map(({ type }, i) => {
      const [name, wanted] = expected[i] ?? ['', ''];
      const isEpoch = name.endsWith('_ms') && wanted === 'BIGINT' && typeof row[i] === 'number';
      return canonical(isEpoch ? (row[i] ?? null) as number : caseValue(type, row[i] ?? null), wanted);
    })
    .join(', ');
}

const SHOWN = 6;

function compareLists(what: string, expected: readonly string[], got: readonly string[]): string[] {
  const missing = without(expected, got);
  const extra = without(got, expected);
  const listed = (sign: string, rows: readonly string[]): string[] => [...rows.slice(0, SHOWN).map((row) => `  ${sign} ${row}`), ...(rows.length > SHOWN ? [`  ${sign} and ${rows.length - SHOWN} more`] : [])];
  if (missing.length === 0 && extra.length === 0) return [];
  return [[`${missing.length} ${what}s missing (-), ${extra.length} too many (+)`, ...listed('-', missing), ...listed('+', extra)].join('\n')];
}

/** As multisets. */
function without(a: readonly string[], b: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const item of b) left.set(item, (left.get(item) ?? 0) + 1);
  return a.filter((item) => {
    const n = left.get(item) ?? 0;
    left.set(item, n - 1);
    return n <= 0;
  });
}
