/**
 * JSON_OBJECTAGG and JSON_ARRAYAGG (Flink's JsonObjectAggFunction and JsonArrayAggFunction). Their values are JSON text already, or NULL:
 * the planner puts JSON_STRING around them (WrapJsonAggFunctionArgumentsRule).
 */
import { SluiceError } from '../errors.ts';
import { quoteText } from '../format/json-text.ts';
import { isText } from '../functions/type-rules.ts';
import type { JsonValue } from '../plan.ts';
import { BOOLEAN, STRING, type SqlType, type Value } from '../types.ts';
import { isItems, stringOf } from '../value-access.ts';
import type { Aggregate, AggregateFunction } from './aggregate.ts';
import { listOf } from './list.ts';
import { isList, partsIn } from './origins.ts';
import { cannotApply, typesOf, wrongCount } from './signature.ts';

/** `NULL ON NULL` and `ABSENT ON NULL`, as a parameter. */
export type OnNull = 'NULL' | 'ABSENT';

const JSON_TEXT: SqlType = { kind: 'VARCHAR', length: 2000 };

/** What came for a key: the JSON text, or NULL; `twice` where the key came again. */
interface Member {
  readonly text: string | null;
  readonly twice: boolean;
}

type Members = Map<string, Member>;

const MEMBER: SqlType = { kind: 'ROW', fields: [{ name: 'text', type: STRING, nullable: true }, { name: 'twice', type: BOOLEAN, nullable: false }] };
const MEMBERS: SqlType = { kind: 'MAP', key: { type: STRING, nullable: false }, value: { type: MEMBER, nullable: false } };

const NO_MEMBERS: Members = new Map();

function put(members: Members, key: string, text: string | null, twice: boolean): Members {
  const before = members.get(key);
  return members.set(key, before === undefined ? { text, twice } : { ...before, twice: true });
}

function putAll(members: Members, more: Members): Members {
  for (const [key, { text, twice }] of more) put(members, key, text, twice);
  return members;
}

function objectOf(onNull: OnNull): Aggregate<Members> {
  return {
    takesNull: true,
    zero: NO_MEMBERS,
    stored: MEMBERS,
    add: (acc, pair) => {
      const [key = null, value = null] = isItems(pair) ? pair : [];
      if (key === null) throw noKey();
      const members = acc.size === 0 ? new Map<string, Member>() : acc;
      return put(members, stringOf(key), value === null ? null : stringOf(value), false);
    },
    merge: (a, b) => {
      if (a.size === 0 || b.size === 0) return a.size === 0 ? b : a;
      return putAll(new Map(a), b);
    },
    absorb: (own, b) => putAll(own.size === 0 ? new Map() : own, b),
    result: (acc) => objectText(acc, onNull),
    encode: (acc) => (acc.size === 0 ? null : [...acc].map(([key, { text, twice }]) => [key, [text, twice]])),
    decode: decodeMembers,
  };
}

/** The keys are in the order of their UTF-16 units, as Jackson orders them. */
function objectText(acc: Members, onNull: OnNull): string {
  const members = [...acc].filter(([, { text }]) => text !== null || onNull === 'NULL').sort(([a], [b]) => (a < b ? -1 : 1));
  const again = members.find(([, { twice }]) => twice);
  if (again !== undefined) throw duplicateKey(again[0]);
  return `{${members.map(([key, { text }]) => `${quoteText(key)}:${text ?? 'null'}`).join(',')}}`;
}

const decodeMembers = (json: JsonValue): Members =>
  json === null ? NO_MEMBERS : new Map(partsIn(json).map(([key, stored]) => [String(key), memberOf(isList(stored) ? stored : [])]));

const memberOf = ([text, twice]: readonly JsonValue[]): Member => ({ text: typeof text === 'string' ? text : null, twice: twice === true });

const duplicateKey = (key: string): SluiceError =>
  new SluiceError('EXPRESSION_FAILED', {
    message: `Key '${key}' is already present. Duplicate keys are not allowed in JSON_OBJECTAGG. Please ensure that keys are unique.`,
    hint: 'group by the key as well, or make it unique.',
  });

const noKey = (): SluiceError =>
  new SluiceError('EXPRESSION_FAILED', { message: 'the key of JSON_OBJECTAGG is NULL', hint: 'leave such rows out: FILTER (WHERE key IS NOT NULL).' });

export const JSON_OBJECTAGG: AggregateFunction = {
  name: 'JSON_OBJECTAGG',
  resolve: (args) => {
    const [key, value] = typesOf(args);
    if (key === undefined || value === undefined || args.length > 2) return wrongCount('JSON_OBJECTAGG', 2);
    if (!isText(key)) return cannotApply('JSON_OBJECTAGG', args, ['<CHARACTER>, <ANY>']);
    return { args: [STRING, STRING], type: JSON_TEXT, nullable: 'never' };
  },
  open: ({ parameters }) => objectOf(parameters?.[0] === 'ABSENT' ? 'ABSENT' : 'NULL'),
};

const arrayText = (values: readonly Value[]): string => `[${values.map((value) => value ?? 'null').join(',')}]`;

export const JSON_ARRAYAGG: AggregateFunction = {
  name: 'JSON_ARRAYAGG',
  resolve: (args) => (args.length === 1 ? { args: [STRING], type: JSON_TEXT, nullable: 'never' } : wrongCount('JSON_ARRAYAGG', 1)),
  open: ({ parameters }) =>
    listOf({ type: STRING, takesNull: parameters?.[0] === 'NULL', result: arrayText }),
  unmergeable: 'JsonArrayAggFunction',
};
