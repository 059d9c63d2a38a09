/** LISTAGG (Flink's ListAggFunction): the texts of the rows in their order, with a separator between them. */
import { literalString } from '../functions/literals.ts';
import { isText } from '../functions/type-rules.ts';
import type { JsonValue } from '../plan.ts';
import { STRING } from '../types.ts';
import { stringOf } from '../value-access.ts';
import type { Aggregate, AggregateFunction } from './aggregate.ts';
import { absorbOrigins, byOrigin, decodeOrigins, encodeOrigins, mergeOrigins, NO_ORIGIN, NOTHING, type ByOrigin } from './origins.ts';
import { cannotApply, typesOf } from './signature.ts';

function joined(separator: string): Aggregate<ByOrigin<string>> {
  const from = (origin: string): Aggregate<ByOrigin<string>> => ({
    zero: NOTHING,
    stored: byOrigin(STRING),
    add: (acc, value) => {
      const text = acc.get(origin);
      return new Map([[origin, text === undefined ? stringOf(value) : text + separator + stringOf(value)]]);
    },
    merge: (a, b) => mergeOrigins(a, b, (x, y) => x + separator + y),
    absorb: (own, b) => absorbOrigins(own, b, (x, y) => (x === undefined ? y : x + separator + y)),
    result: (acc) => (acc.size === 0 ? null : [...acc.values()].join(separator)),
    encode: (acc) => encodeOrigins(acc, (text) => text),
    decode: (json) => decodeOrigins(json, (text: JsonValue) => String(text)),
    from,
  });
  return from(NO_ORIGIN);
}

const FORMS = ['<CHARACTER>', '<CHARACTER>, <CHARACTER_LITERAL>'];

/** The separator is a literal. */
export const LISTAGG: AggregateFunction = {
  name: 'LISTAGG',
  resolve: (args) => {
    const [type] = typesOf(args);
    const separator = literalString(args[1]?.expression);
    if (type === undefined || !isText(type) || args.length > 2 || (args.length === 2 && separator === null)) return cannotApply('LISTAGG', args, FORMS);
    const parameters = separator === null ? [] : [separator];
    return { args: [type, null], type, nullable: 'always', parameters };
  },
  open: ({ parameters }) => joined(String(parameters?.[0] ?? ',')),
};
