/** What the columns of a table mean: those that are computed, over those that are given, and the row time. The checks of Flink's DefaultSchemaResolver, in its words. */
import { isNullable, isProcessingTime } from '../core/expression.ts';
import type { Expression } from '../core/plan.ts';
import { typeText } from '../core/types.ts';
import type { ColumnDefinition, ComputedColumn, Span, WatermarkDefinition } from './ast.ts';
import { didYouMean } from './diagnostic.ts';
import { translate, type Scope } from './plan-expression.ts';
import type { Field } from './plan-scope.ts';
import { invalid } from './refusal.ts';

/** Nullability of what the given columns are expressions of. */
type Base = readonly { readonly nullable: boolean }[];

/** One field per column, in order. A computed column may refer to all that are not computed; `around` is what goes on where one is computed. */
export function fieldsOfTable(columns: readonly ColumnDefinition[], given: readonly Field[], base: Base, around: (column: ComputedColumn, compute: () => Field) => Field = (_, compute) => compute()): Field[] {
  const byName = new Map(given.map((field) => [field.name, field]));
  const scope = scopeOf(given);
  return columns.flatMap((column) => (column.kind === 'computed-column' ? [around(column, () => computedField(column, scope, base))] : (byName.get(column.name.name) ?? [])));
}

function computedField({ name, expression: e }: ComputedColumn, scope: Scope, base: Base): Field {
  const expression = translate(e, scope);
  return { name: name.name, qualifier: null, expression, nullable: isNullable(expression, base), timeAttribute: false };
}

/** Flink calls a name that it does not know in a definition an identifier. */
function scopeOf(fields: readonly Field[]): Scope {
  const byName = new Map(fields.map((field) => [field.name, field]));
  return {
    fields,
    intercept: (e) => {
      if (e.kind !== 'column') return null;
      const [{ name }, inner] = e.name.parts;
      const field = byName.get(name);
      if (field !== undefined && inner === undefined) return field.expression;
      return field !== undefined || name.toUpperCase() === 'PI' ? null : invalid(e.span, `Unknown identifier '${name}'`, didYouMean(name, byName.keys()));
    },
  };
}

/** `WATERMARK FOR`, over the columns of the base. */
export interface RowTime {
  readonly name: string;
  readonly expression: Expression;
  readonly watermark: Expression;
}

/** `fields` are all columns of the table. */
export function rowTimeOf(definition: WatermarkDefinition, fields: readonly Field[], base: Base): RowTime {
  const { name, span } = definition.column;
  const names = fields.map((candidate) => candidate.name);
  const field = fields.find((candidate) => candidate.name === name);
  if (field === undefined) {
    const message = `Invalid column name '${name}' for rowtime attribute in watermark declaration. Available columns are: [${names.join(', ')}]`;
    return invalid(span, message, didYouMean(name, names));
  }
  const { expression, nullable } = field;
  requireRowTimeType(expression, nullable, span, 'time field');
  if (isProcessingTime(expression)) return invalid(span, 'A watermark can not be defined for a processing-time attribute.', 'Windows of processing time need none.');
  const watermark = translate(definition.expression, scopeOf(fields));
  requireRowTimeType(watermark, isNullable(watermark, base), definition.expression.span, 'watermark expression');
  if (watermark.type.kind !== expression.type.kind) {
    const message = `The watermark declaration's output data type '${typeText(watermark.type)}' is different from the time field's data type '${typeText(expression.type)}'.`;
    return invalid(definition.expression.span, message);
  }
  return { name, expression, watermark };
}

function requireRowTimeType({ type }: Expression, nullable: boolean, span: Span, what: 'time field' | 'watermark expression'): void {
  if ((type.kind === 'TIMESTAMP' || type.kind === 'TIMESTAMP_LTZ') && type.precision <= 3) return;
  const of = what === 'time field' ? 'time field' : 'expression';
  const rule = "The field must be of type TIMESTAMP(p) or TIMESTAMP_LTZ(p), the supported precision 'p' is from 0 to 3";
  invalid(span, `Invalid data type of ${of} for watermark definition. ${rule}, but the ${what} type is ${typeText(type)}${nullable ? '' : ' NOT NULL'}`);
}
