/** Access to parts of collections: `array[i]`, `map[key]`, `row.field`, CARDINALITY and ELEMENT. */
import { SluiceError } from '../errors.ts';
import type { Expression } from '../plan.ts';
import { INT, isNested, type SqlType, type Value } from '../types.ts';
import { entriesOf, itemsOf, type Present } from '../value-access.ts';
import { calciteTypeText } from './calcite-text.ts';
import { sameKey } from './collection-constructors.ts';
import { strict, type CallExpression, type Evaluator, type ScalarFunction, type Signature } from './function.ts';
import { literalNumber, literalString } from './literals.ts';
import { commonType, isInteger } from './type-rules.ts';

/** `array[i]`, from 1, and `map[key]`: NULL where there is no such element. */
const ITEM: ScalarFunction = {
  name: '[]',
  nullable: () => true,
  resolve: ([operand, key]): Signature | string => {
    if (operand === undefined || key === undefined) return 'it takes a collection and a place in it';
    const { type } = operand;
    if (type.kind === 'ARRAY' && isInteger(key.type)) return arrayItem(operand, type.element.type, key);
    const common = type.kind === 'MAP' ? commonType([type.key.type, key.type]) : null;
    if (type.kind === 'MAP' && common !== null) return { args: [type, common], type: type.value.type };
    return `Cannot apply 'ITEM' to arguments of type 'ITEM(<${calciteTypeText(type)}>, <${calciteTypeText(key.type)}>)'. Supported form(s): <ARRAY>[<INTEGER>] or <MAP>[<ANY>]`;
  },
  compile: (args, call) => strict(call.args[0]?.type.kind === 'MAP' ? valueOfKey : elementAt)(args),
};

function arrayItem(operand: Expression, element: SqlType, key: Expression): Signature | string {
  const index = literalNumber(key);
  if (index !== null && index < 1) return `Array element access needs an index starting at 1 but was ${index}.`;
  return { args: [operand.type, key.type], type: element };
}

const elementAt = (array: Present, index: Present): Value => itemsOf(array)[Number(index) - 1] ?? null;

const valueOfKey = (map: Present, key: Present): Value => entriesOf(map).find((entry) => sameKey(entry[0] ?? null, key))?.[1] ?? null;

/** `row.field`: the second argument is the name, a literal. */
const FIELD: ScalarFunction = {
  name: '.',
  nullable: () => true,
  resolve: ([row, name]): Signature | string => {
    if (row?.type.kind !== 'ROW' || name === undefined) return 'Incompatible types: only a ROW has fields';
    const field = row.type.fields[fieldIndex(row, name)];
    return field === undefined ? `Unknown field '${literalString(name) ?? ''}'` : { args: [row.type, name.type], type: field.type };
  },
  compile: ([row], { args: [operand, name] }: CallExpression): Evaluator => {
    if (row === undefined || operand === undefined || name === undefined) return () => null;
    const index = fieldIndex(operand, name);
    return strict((value) => itemsOf(value)[index] ?? null)([row]);
  },
};

function fieldIndex({ type }: Expression, name: Expression): number {
  const wanted = literalString(name);
  return type.kind === 'ROW' ? type.fields.findIndex((field) => field.name === wanted) : -1;
}

const CARDINALITY: ScalarFunction = {
  name: 'CARDINALITY',
  resolve: ([collection, ...rest]): Signature | string => {
    const type = collection?.type;
    const fits = type !== undefined && rest.length === 0 && isNested(type) && type.kind !== 'ROW';
    return fits ? { args: [type], type: INT } : 'it takes an ARRAY, MAP or MULTISET';
  },
  compile: strict((collection) => itemsOf(collection).length),
};

const ELEMENT: ScalarFunction = {
  name: 'ELEMENT',
  nullable: () => true,
  resolve: ([array, ...rest]): Signature | string => {
    const type = array?.type;
    return type?.kind === 'ARRAY' && rest.length === 0 ? { args: [type], type: type.element.type } : 'it takes an ARRAY';
  },
  compile: strict((array) => {
    const [first = null, ...others] = itemsOf(array);
    if (others.length === 0) return first;
    throw new SluiceError('EXPRESSION_FAILED', { message: 'Array has more than one element.', hint: 'array[1] takes the first of several.' });
  }),
};

export const COLLECTION_ACCESS: readonly ScalarFunction[] = [ITEM, FIELD, CARDINALITY, ELEMENT];
