/** Runs a case the way a user's job runs: SQL text, plan, writers and firers over the memory adapters. */
import { isError, type SluiceError } from '../../lib/core/errors.ts';
import { compileRecordEncoder, fieldOf } from '../../lib/core/format/record-encode.ts';
import { partitionId } from '../../lib/core/numbers.ts';
import { sinksOf, sourcesOf, type Plan, type SinkNode } from '../../lib/core/plan.ts';
import type { Column, Row } from '../../lib/core/types.ts';
import { planJob } from '../../lib/sql/plan-script.ts';
import { COLLECTED } from '../../lib/sql/plan.ts';
import type { CaseRecord, ConformanceCase } from './case.ts';
import { CaseWorld } from './case-world.ts';
import { readBack } from './read-back.ts';

export type Outcome =
  | { readonly kind: 'tables'; readonly tables: readonly ResultTable[] }
  | { readonly kind: 'refused'; readonly phase: 'parse' | 'validate' | 'runtime'; readonly error: SluiceError }
  /** Not an error that Sluice means to throw. */
  | { readonly kind: 'crashed'; readonly error: unknown };

export interface ResultTable {
  /** null for the rows of a query. */
  readonly name: string | null;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** Records of a topic, where the table is one. */
  readonly lines: readonly string[] | null;
}

const SURROUNDINGS = { warehouse: '/warehouse', resolvePath: (path: string): string => path };

export async function runCase(given: ConformanceCase): Promise<Outcome> {
  if (given.lacks !== null) return { kind: 'crashed', error: new Error(given.lacks) };
  try {
    const settings = Object.entries(given.settings).map(([key, value]) => `SET '${key}' = '${value}';`).join(' ');
    const { plan } = planJob([{ name: 'settings', text: settings }, ...given.scripts], SURROUNDINGS, { collects: true });
    const world = await CaseWorld.create(plan, given.topics, given.steps.find((step) => step.kind === 'clock')?.at);
    return await played(given, plan, world);
  } catch (error) {
    return refused(error, isError(error, 'SQL_PARSE') ? 'parse' : 'validate');
  }
}

async function played(given: ConformanceCase, plan: Plan, world: CaseWorld): Promise<Outcome> {
  try {
    for (const step of given.steps) {
      if (step.kind === 'restart') await world.restart();
      else if (step.kind === 'clock') await world.setClock(step.at);
      else await world.take(step.records.flatMap((record) => placed(plan, record)));
    }
    if (given.expected.kind === 'error' || given.expected.drains) await world.drain();
    return { kind: 'tables', tables: sinksOf(plan).map((sink) => resultOf(sink, world.rows(sink.table))) };
  } catch (error) {
    return refused(error, 'runtime');
  }
}

/** A record reaches every source that reads its topic. */
function placed(plan: Plan, record: CaseRecord): { readonly p: ReturnType<typeof partitionId>; readonly record: CaseRecord }[] {
  return sourcesOf(plan).flatMap(({ topics }, source) => {
    const topic = topics.indexOf(record.topic);
    return topic < 0 ? [] : [{ p: partitionId(source, topic, record.partition), record }];
  });
}

const refused = (error: unknown, phase: 'parse' | 'validate' | 'runtime'): Outcome =>
  isError(error) && error.kind !== 'bug' ? { kind: 'refused', phase, error } : { kind: 'crashed', error };

function resultOf(sink: SinkNode, rows: readonly Row[]): ResultTable {
  const name = sink.table === COLLECTED ? null : (sink.table.split('.').at(-1) ?? '');
  const lines = linesOf(sink, rows);
  return { name, columns: sink.columns, rows: (lines === null ? null : readBack(sink, lines)) ?? rows, lines };
}

function linesOf({ records, columns }: SinkNode, rows: readonly Row[]): string[] | null {
  if (records === undefined) return null;
  const encode = compileRecordEncoder(records.value.columns.map((index) => fieldOf(columns, index)), records.value.format);
  return rows.map((row) => String(encode(row))).sort();
}

