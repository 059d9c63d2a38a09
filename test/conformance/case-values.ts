/** Values of results as the files of cases write them (the `.meta.json` of the cases). */
import { toBase64 } from '../../lib/core/base64.ts';
import { NANOS_PER_MS, dateText, timeText } from '../../lib/core/calendar.ts';
import { decimalText } from '../../lib/core/decimal.ts';
import { floatAsDouble } from '../../lib/core/float-text.ts';
import { isNanos, type SqlType, type Value } from '../../lib/core/types.ts';
import { bigintOf, bytesOf, entriesOf, itemsOf, numberOf } from '../../lib/core/value-access.ts';
import { isoText } from '../../lib/core/value-text.ts';
import type { CaseValue } from './case.ts';

export function caseValue(type: SqlType, value: Value): CaseValue {
  if (value === null) return null;
  switch (type.kind) {
    case 'BIGINT':
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    case 'FLOAT':
      return doubleValue(floatAsDouble(numberOf(value)));
    case 'DOUBLE':
      return doubleValue(numberOf(value));
    case 'DECIMAL':
      return decimalText(bigintOf(value), type.scale);
    case 'BINARY':
    case 'VARBINARY':
      return toBase64(bytesOf(value));
    case 'DATE':
      return dateText(numberOf(value));
    case 'TIME':
      return timeText(BigInt(numberOf(value)) * NANOS_PER_MS, numberOf(value) % 1000 === 0 ? 0 : 3);
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return isoText(isNanos(type) ? type : { ...type, precision: 3 }, value);
    case 'ARRAY':
      return itemsOf(value).map((item) => caseValue(type.element.type, item));
    case 'MULTISET':
      return entriesOf(value).map(([element, count]) => [caseValue(type.element.type, element ?? null), numberOf(count ?? null)]);
    case 'MAP':
      return entriesOf(value).map(([key, of]) => [caseValue(type.key.type, key ?? null), caseValue(type.value.type, of ?? null)]);
    case 'ROW':
      return itemsOf(value).map((item, i) => caseValue(type.fields[i]?.type ?? { kind: 'NULL' }, item));
    default:
      return typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string' ? value : String(value);
  }
}

const doubleValue = (value: number): CaseValue => (Number.isFinite(value) ? value : String(value));

/** Comparable: maps and multisets as sets, numbers by their value, the sign of zero kept. */
export function canonical(value: CaseValue, type: string): string {
  return JSON.stringify(ordered(value, /^(MAP|MULTISET)</.test(type)), (_, v: CaseValue) => (Object.is(v, -0) ? '-0.0' : v));
}

function ordered(value: CaseValue, isSet: boolean): CaseValue {
  if (!Array.isArray(value)) return value;
  const items = value.map((item) => ordered(item, false));
  return isSet ? items.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items;
}
