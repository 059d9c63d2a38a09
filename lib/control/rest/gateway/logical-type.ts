/** Types as Flink's LogicalTypeJsonSerializer writes them. */
import type { Inner, SqlType } from '../../../core/types.ts';

type Json = { readonly [key: string]: unknown };

/** Precisions of Flink's intervals where nobody has given any. */
const DAYS = { precision: 2, fractionalPrecision: 6, resolution: 'DAY_TO_SECOND' };
const YEARS = { precision: 2, resolution: 'YEAR_TO_MONTH' };

export const logicalType = (type: SqlType, nullable: boolean): Json => (type.kind === 'NULL' ? { type: 'NULL' } : { type: rootOf(type), nullable, ...detailsOf(type) });

const innerType = ({ type, nullable }: Inner): Json => logicalType(type, nullable);

const ROOTS: Readonly<Partial<Record<SqlType['kind'], string>>> = {
  INT: 'INTEGER',
  TIME: 'TIME_WITHOUT_TIME_ZONE',
  TIMESTAMP: 'TIMESTAMP_WITHOUT_TIME_ZONE',
  TIMESTAMP_LTZ: 'TIMESTAMP_WITH_LOCAL_TIME_ZONE',
  INTERVAL_DAY: 'INTERVAL_DAY_TIME',
  INTERVAL_YEAR: 'INTERVAL_YEAR_MONTH',
};

const rootOf = ({ kind }: SqlType): string => ROOTS[kind] ?? kind;

function detailsOf(type: SqlType): Json {
  switch (type.kind) {
    case 'CHAR':
    case 'VARCHAR':
    case 'BINARY':
    case 'VARBINARY':
      return { length: type.length };
    case 'DECIMAL':
      return { precision: type.precision, scale: type.scale };
    case 'TIME':
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
      return { precision: type.precision };
    case 'INTERVAL_DAY':
      return DAYS;
    case 'INTERVAL_YEAR':
      return YEARS;
    case 'ARRAY':
    case 'MULTISET':
      return { elementType: innerType(type.element) };
    case 'MAP':
      return { keyType: innerType(type.key), valueType: innerType(type.value) };
    case 'ROW':
      return { fields: type.fields.map((field) => ({ name: field.name, fieldType: innerType(field), ...(field.comment !== undefined && { description: field.comment }) })) };
    default:
      return {};
  }
}
