/** `||`, CONCAT, CONCAT_WS, ELT. */
import type { Expression } from '../../plan.ts';
import { STRING, type SqlType } from '../../types.ts';
import { stringOf, type Present } from '../../value-access.ts';
import { strict, type Evaluator, type ScalarFunction, type Signature } from '../function.ts';
import { BINARY_STRINGS, CHARACTER_STRINGS, INTEGER_NUMBERS, STRINGS, cannotApply, cannotCombine, expecting, invalidInput, type Resolve } from '../operands.ts';
import { commonType, isBinary, isInteger, isText } from '../type-rules.ts';
import { joined } from './result.ts';

const join = (...parts: Present[]): string => {
  let text = '';
  for (const part of parts) text += stringOf(part);
  return text;
};

const typesOf = (args: readonly Expression[]): SqlType[] => args.map(({ type }) => type);

/** Two strings; the planner may make one call of a chain. */
const resolveOperator: Resolve = (args) => {
  const types = typesOf(args);
  return types.length > 1 && types.every(isText) ? { args: types, type: types.reduce(joined) } : cannotCombine('||', types, [[STRINGS, STRINGS]]);
};

const manyTexts =
  (name: string): Resolve =>
  (args): Signature | string => {
    const types = typesOf(args);
    if (types.length === 0) return expecting(name, 1);
    return types.every(isText) ? { args: types, type: STRING } : cannotApply(name, types, [[STRINGS]]);
  };

/** The separator stands between the arguments that are not NULL. */
function compileConcatWs([separator, ...parts]: readonly Evaluator[]): Evaluator {
  return (row) => {
    const between = separator?.(row) ?? null;
    if (between === null) return null;
    return parts
      .map((part) => part(row))
      .filter((part) => part !== null)
      .join(stringOf(between));
  };
}

/** `ELT(index, …)` is the argument at the index, which counts from 1; NULL where there is none. */
const ELT: ScalarFunction = {
  name: 'ELT',
  takesNull: true,
  nullable: () => true,
  resolve: (args) => {
    const [index, ...choices] = typesOf(args);
    if (index === undefined || choices.length === 0) return expecting('ELT', 2);
    const type = choices.every((choice) => isText(choice) || choice.kind === 'NULL') || choices.every((choice) => isBinary(choice)) ? commonType(choices) : null;
    const fits = type !== null && type.kind !== 'NULL' && (isInteger(index) || index.kind === 'NULL');
    const forms = [[INTEGER_NUMBERS, CHARACTER_STRINGS], [INTEGER_NUMBERS, BINARY_STRINGS]];
    return fits ? { args: [index, ...choices.map(() => type)], type } : invalidInput('ELT', forms);
  },
  compile: ([index, ...choices]) => (row) => {
    const at = index?.(row) ?? null;
    return at === null ? null : (choices[Number(at) - 1]?.(row) ?? null);
  },
};

export const CONCATENATIONS: readonly ScalarFunction[] = [
  { name: '||', resolve: resolveOperator, compile: strict(join) },
  { name: 'CONCAT', resolve: manyTexts('CONCAT'), compile: strict(join) },
  { name: 'CONCAT_WS', resolve: manyTexts('CONCAT_WS'), nullable: (args) => args.some(Boolean), compile: compileConcatWs },
  ELT,
];
