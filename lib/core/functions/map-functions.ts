/** MAP_* functions (flink-table-runtime functions/scalar/Map*Function). */
import { SluiceError } from '../errors.ts';
import type { Expression } from '../plan.ts';
import type { Inner, SqlType, Value } from '../types.ts';
import { entriesOf, itemsOf, type Present } from '../value-access.ts';
import { putEntry, sameKey } from './collection-constructors.ts';
import { strict, type ScalarFunction, type Signature } from './function.ts';
import { commonType } from './type-rules.ts';

const ofMap = (name: string, result: (key: Inner, value: Inner) => SqlType, compute: (map: Present) => Value): ScalarFunction => ({
  name,
  resolve: ([map, ...rest]): Signature | string => {
    const type = map?.type;
    return type?.kind === 'MAP' && rest.length === 0 ? { args: [type], type: result(type.key, type.value) } : 'it takes a MAP';
  },
  compile: strict(compute),
});

const parts = (at: 0 | 1) => (map: Present): Value => entriesOf(map).map((entry) => entry[at] ?? null);

const entryType = (key: Inner, value: Inner): SqlType => ({ kind: 'ROW', fields: [{ name: 'key', ...key }, { name: 'value', ...value }] });

const MAP_FROM_ARRAYS: ScalarFunction = {
  name: 'MAP_FROM_ARRAYS',
  resolve: ([keys, values, ...rest]): Signature | string => {
    const [key, value] = [keys?.type, values?.type];
    if (key?.kind !== 'ARRAY' || value?.kind !== 'ARRAY' || rest.length > 0) return 'it takes an ARRAY of keys and an ARRAY of values';
    return { args: [key, value], type: { kind: 'MAP', key: key.element, value: value.element } };
  },
  compile: strict((keys, values) => mapFrom(itemsOf(keys), itemsOf(values))),
};

function mapFrom(keys: readonly Value[], values: readonly Value[]): Value {
  if (keys.length !== values.length) {
    const message = `Invalid function MAP_FROM_ARRAYS call: The length of the keys array ${keys.length} is not equal to the length of the values array ${values.length}`;
    throw new SluiceError('EXPRESSION_FAILED', { message, hint: 'Use arrays of the same length.' });
  }
  const entries: [Value, Value][] = [];
  keys.forEach((key, i) => putEntry(entries, key, values[i] ?? null));
  return entries;
}

/** Of equal keys the last counts. The entries of the last map come first (MapDataForMapUnion). */
const MAP_UNION: ScalarFunction = {
  name: 'MAP_UNION',
  resolve: (args: readonly Expression[]): Signature | string => {
    const type = commonType(args.map((argument) => argument.type));
    return type?.kind === 'MAP' ? { args: args.map(() => type), type } : 'it takes MAPs of a common type';
  },
  compile: strict((...maps) => {
    return maps.map(entriesOf).reduce((first, second) => [...second, ...first.filter(([key = null]) => !second.some(([other = null]) => sameKey(key, other)))]);
  }),
};

export const MAP_FUNCTIONS: readonly ScalarFunction[] = [
  ofMap('MAP_KEYS', (element) => ({ kind: 'ARRAY', element }), parts(0)),
  ofMap('MAP_VALUES', (_, element) => ({ kind: 'ARRAY', element }), parts(1)),
  ofMap('MAP_ENTRIES', (key, value) => ({ kind: 'ARRAY', element: { type: entryType(key, value), nullable: false } }), (map) => map),
  MAP_FROM_ARRAYS,
  MAP_UNION,
];
