/** Types as Calcite writes them in messages: `INTEGER`, `VARCHAR(2147483647)`, `INTEGER ARRAY`, `(CHAR(1), INTEGER) MAP`. */
import { innerTypes, isNested, typeText, type NestedType, type SqlType } from '../types.ts';

export function calciteTypeText(type: SqlType): string {
  if (isNested(type)) return nestedText(type);
  if (type.kind === 'INT') return 'INTEGER';
  if (type.kind === 'TIMESTAMP_LTZ') return `TIMESTAMP_WITH_LOCAL_TIME_ZONE(${type.precision})`;
  return type.kind === 'VARCHAR' || type.kind === 'VARBINARY' ? `${type.kind}(${type.length})` : typeText(type);
}

function nestedText(type: NestedType): string {
  if (type.kind === 'ROW') return `RecordType(${type.fields.map((field) => `${calciteTypeText(field.type)} ${field.name}`).join(', ')})`;
  const [first, second] = innerTypes(type).map(calciteTypeText);
  return type.kind === 'MAP' ? `(${first}, ${second}) MAP` : `${first} ${type.kind}`;
}
