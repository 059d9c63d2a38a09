/** LIKE and SIMILAR TO. */
import { SluiceError } from '../../errors.ts';
import { stringOf, type Present } from '../../value-access.ts';
import { strict, type CallExpression, type Evaluator, type ScalarFunction } from '../function.ts';
import { likeMatcher, similarMatcher, type Matcher } from '../like.ts';
import { literalString } from '../literals.ts';
import { CHARACTER_STRINGS, STRINGS, cannotApply, type Resolve } from '../operands.ts';
import { aBoolean } from './result.ts';

type MakeMatcher = (pattern: string, escape: string | null) => Matcher;

/** A constant pattern is compiled once. */
const compileMatch =
  (make: MakeMatcher) =>
  (args: readonly Evaluator[], call: CallExpression): Evaluator => {
    const [text, ...constants] = args;
    const [pattern, escape] = call.args.slice(1).map(literalString);
    const isConstant = typeof pattern === 'string' && escape !== null && constants.length > 0;
    if (text === undefined || !isConstant) return strict((value, dynamic, by?: Present) => make(stringOf(dynamic), by === undefined ? null : stringOf(by))(stringOf(value)))(args);
    const matches = make(pattern, escape ?? null);
    return strict((value) => matches(stringOf(value)))([text]);
  };

/** Patterns that are constant are checked when the call is planned, as Flink does when it generates code. */
const resolveMatch =
  (name: string, make: MakeMatcher): Resolve =>
  (args) => {
    const types = args.map(({ type }) => type);
    if (types.length < 2 || types.length > 3 || !types.every(CHARACTER_STRINGS.accepts)) return cannotApply(name, types, [[STRINGS, STRINGS, STRINGS]]);
    const [pattern, escape] = args.slice(1).map(literalString);
    const problem = typeof pattern === 'string' && escape !== null ? problemOf(() => make(pattern, escape ?? null)) : null;
    return problem ?? { args: types, type: aBoolean(types) };
  };

function problemOf(make: () => Matcher): string | null {
  try {
    make();
    return null;
  } catch (error) {
    if (error instanceof SluiceError) return error.message;
    throw error;
  }
}

export const MATCHES: readonly ScalarFunction[] = [
  { name: 'LIKE', resolve: resolveMatch('LIKE', likeMatcher), compile: compileMatch(likeMatcher) },
  { name: 'SIMILAR TO', resolve: resolveMatch('SIMILAR TO', similarMatcher), compile: compileMatch(similarMatcher) },
];
