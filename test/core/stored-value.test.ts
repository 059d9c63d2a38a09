import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isError } from '../../lib/core/errors.ts';
import { keyCodec } from '../../lib/core/key.ts';
import { decodeStored, encodeStored } from '../../lib/core/stored-value.ts';
import { Raw, RAW, STRING } from '../../lib/core/types.ts';
import { decodeValue, encodeValue } from '../../lib/core/value-codec.ts';

const leaf = fc.oneof(
  fc.constantFrom(null, NaN, Infinity, -Infinity, -0, '{}', '[1]', '"a"', '{"$bigint":"1"}', '$'),
  fc.boolean(),
  fc.integer(),
  fc.double(),
  fc.bigInt(),
  fc.string({ unit: 'binary' }),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array(),
);
const fieldName = fc.oneof(fc.string(), fc.constantFrom('$bigint', '$$map', '__proto__', 'toString', '$'));

/** Whatever a program may keep. */
const { value: storable } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(fieldName, tie('value')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 }).map((entries) => new Map(entries)),
    fc.array(tie('value'), { maxLength: 3 }).map((items) => new Set(items)),
  ),
}));

const throughText = (value: unknown): unknown => decodeStored(JSON.parse(JSON.stringify(encodeStored(value))));

describe('values of a program', () => {
  it('come back as they were, through text', () => {
    fc.assert(
      fc.property(storable, (value) => {
        expect(throughText(value)).toStrictEqual(value);
      }),
    );
  });

  it('are plain JSON where JSON has words for them', () => {
    expect(encodeStored({ b: 1, a: ['x', null, true] })).toStrictEqual({ b: 1, a: ['x', null, true] });
    expect(Object.keys(Object(encodeStored({ b: 1, a: 2 })))).toEqual(['b', 'a']);
  });

  it.each<[unknown, unknown]>([
    [12n, { $bigint: '12' }],
    [new Date(0), { $date: '1970-01-01T00:00:00.000Z' }],
    [new Uint8Array([1, 2]), { $bytes: 'AQI=' }],
    [new Map([['a', 1n]]), { $map: [['a', { $bigint: '1' }]] }],
    [new Set([1]), { $set: [1] }],
    [-0, { $number: '-0' }],
    [NaN, { $number: 'NaN' }],
    [{ $bigint: 'mine' }, { $$bigint: 'mine' }],
    [{ a: undefined, b: [undefined] }, { b: [null] }],
    [undefined, null],
  ])('%o is stored as %o', (value, json) => expect(encodeStored(value)).toStrictEqual(json));

  it('are copies: what changes later is not what was stored', () => {
    const value = { items: [1] };
    const json = encodeStored(value);
    value.items.push(2);
    expect(decodeStored(json)).toEqual({ items: [1] });
    expect(decodeStored(json)).not.toBe(decodeStored(json));
  });

  const cycle: Record<string, unknown> = {};
  cycle['self'] = { again: cycle };
  class Money {}
  it.each<[unknown, string]>([
    [{ a: [1, new Money()] }, 'an instance of Money cannot be stored at a.1'],
    [{ f: () => 1 }, 'a function cannot be stored at f'],
    [Symbol('s'), 'a symbol cannot be stored'],
    [cycle, 'a value that contains itself cannot be stored at self.again'],
    [new Date(NaN), 'an invalid Date cannot be stored'],
    [new Float64Array(1), 'an instance of Float64Array cannot be stored'],
  ])('are refused with their path: %o', (value, message) => {
    expect(() => encodeStored(value)).toThrow(expect.toSatisfy((error) => isError(error, 'STATE_VALUE_INVALID') && error.message === message));
  });

  it('keep a field that is called __proto__', () => {
    expect(Object.keys(Object(throughText(JSON.parse('{"__proto__":1}'))))).toEqual(['__proto__']);
  });

  it('may hold one object in two places', () => {
    const shared = { n: 1 };
    expect(throughText([shared, shared])).toEqual([{ n: 1 }, { n: 1 }]);
  });

  it.each<[Parameters<typeof decodeStored>[0]]>([[{ $bigint: 'x' }], [{ $date: 'never' }], [{ $map: [1] }], [{ $set: 1 }], [{ $other: 1 }], [{ $bytes: '&' }], [{ $bigint: '1', a: 1 }]])(
    'are not read from %o',
    (json) => expect(() => decodeStored(json)).toThrow(expect.toSatisfy((error) => isError(error, 'STORE_CORRUPT'))),
  );
});

describe('RAW in rows', () => {
  it('is stored as its value', () => {
    expect(encodeValue(RAW, new Raw(5n))).toEqual({ $bigint: '5' });
    expect(decodeValue(RAW, { $bigint: '5' })).toEqual(new Raw(5n));
    expect(encodeValue(RAW, null)).toBeNull();
  });

  const one = keyCodec([{ name: 'key', type: RAW, nullable: true }], [0]);

  it('makes keys that come back as they were', () => {
    const key = storable.filter((value) => value !== null && !Object.is(value, -0));
    fc.assert(
      fc.property(key, (value) => {
        expect(one.valuesOf(one.keyOf([new Raw(value)]))).toStrictEqual([new Raw(value)]);
      }),
    );
    expect(one.valuesOf(one.keyOf([null]))).toEqual([null]);
  });

  it('makes different keys of different values', () => {
    fc.assert(
      fc.property(storable, storable, (a, b) => {
        const isSame = a === b || JSON.stringify(encodeStored(a)) === JSON.stringify(encodeStored(b));
        expect(one.keyOf([new Raw(a)]) === one.keyOf([new Raw(b)])).toBe(isSame);
      }),
    );
  });

  it.each<[unknown, unknown]>([
    ['a', 'a'],
    [5, 5],
    [-0, 0],
    [true, true],
    [null, null],
    ['{}', '"{}"'],
    ['"', '"\\""'],
    [{ id: 1 }, '{"id":1}'],
    [[1, 'a'], '[1,"a"]'],
    [7n, '{"$bigint":"7"}'],
  ])('%o has the key %o', (value, key) => expect(one.keyOf([new Raw(value)])).toBe(key));

  it('is one column of a key among others', () => {
    const two = keyCodec([{ name: 'a', type: RAW, nullable: true }, { name: 'b', type: STRING, nullable: true }], [0, 1]);
    expect(two.valuesOf(two.keyOf([new Raw(7n), 'x']))).toEqual([new Raw(7n), 'x']);
  });
});

it('a value that is nested deeper than the stack would hold is refused as invalid, whoever sent it', () => {
  const nested: unknown = JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`);
  expect(() => encodeStored(nested)).toThrow(expect.objectContaining({ code: 'STATE_VALUE_INVALID', kind: 'data' }));
  const within: unknown = JSON.parse(`${'['.repeat(400)}${']'.repeat(400)}`);
  expect(decodeStored(encodeStored(within))).toEqual(within);
});
