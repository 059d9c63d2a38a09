/** Reads either format of files of cases. */
import type { ConformanceCase } from './case.ts';
import { ofSqlCase, type SqlCase } from './sql-cases.ts';
import { ofWindowCase, type WindowFileCase } from './window-cases.ts';

export function readCases(text: string): ConformanceCase[] {
  const cases: readonly (SqlCase | WindowFileCase)[] = JSON.parse(text);
  return cases.map((given) => ('input_rows' in given ? ofWindowCase(given) : ofSqlCase(given)));
}
