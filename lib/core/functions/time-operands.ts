/** What functions on dates and times take, by the names of Calcite's families. */
import type { Expression } from '../plan.ts';
import { calciteTypeText } from './calcite-text.ts';
import type { Family } from './operands.ts';
import { isDatetime, isText, isTimestamp } from './type-rules.ts';

export const TEXTS: Family = { name: 'STRING', accepts: isText };
export const DATES: Family = { name: 'DATE', accepts: ({ kind }) => kind === 'DATE' };
export const TIMESTAMPS: Family = { name: 'TIMESTAMP', accepts: isTimestamp };
export const DATETIMES: Family = { name: 'DATETIME', accepts: isDatetime };

/** The refusal of a function whose first operand is a unit, which messages name as an interval: `<INTERVAL DAY>`. */
export function cannotApplyToUnit(name: string, unit: string, operands: readonly Expression[], forms: readonly Family[]): string {
  const given = [`INTERVAL ${unit}`, ...operands.map(({ type }) => calciteTypeText(type))];
  const list = (names: readonly string[]): string => `${name}(${names.map((each) => `<${each}>`).join(', ')})`;
  return `Cannot apply '${name}' to arguments of type '${list(given)}'. Supported form(s): '${list(['ANY', ...forms.map((family) => family.name)])}'`;
}
