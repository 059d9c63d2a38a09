/** What a body looks like: one declaration is the type in TypeScript, the check of what comes in, and the schema in the OpenAPI document. */

/** As JSON Schema, the dialect of OpenAPI 3.1. */
export type JsonSchema = { readonly [keyword: string]: unknown };

export interface Shape<T> {
  readonly schema: JsonSchema;
  /** What keeps a value from having this shape, and where; null if nothing does. */
  problemWith(value: unknown, at: string): string | null;
  /** Never set: it holds the type. */
  readonly of?: T;
}

export type Of<S> = S extends Shape<infer T> ? T : never;
type Fields = Readonly<Record<string, Shape<unknown>>>;
type Absent<F extends Fields, K extends keyof F> = undefined extends Of<F[K]> ? K : never;
type ObjectOf<F extends Fields> = { readonly [K in keyof F as K extends Absent<F, K> ? never : K]: Of<F[K]> } & { readonly [K in keyof F as Absent<F, K>]?: Of<F[K]> };

export const fits = <T>(shape: Shape<T>, value: unknown): value is T => shape.problemWith(value, 'the body') === null;

const plain = <T>(schema: JsonSchema, isOne: (value: unknown) => boolean, what: string): Shape<T> => ({
  schema,
  problemWith: (value, at) => (isOne(value) ? null : `${at} is not ${what}`),
});

export const text: Shape<string> = plain({ type: 'string' }, (value) => typeof value === 'string', 'a text');
export const flag: Shape<boolean> = plain({ type: 'boolean' }, (value) => typeof value === 'boolean', 'true or false');
/** Java's `int` and `long`; times are epoch ms. */
export const integer: Shape<number> = plain({ type: 'integer' }, Number.isSafeInteger, 'a whole number');
/** Java's `double`. */
export const double: Shape<number> = plain({ type: 'number' }, Number.isFinite, 'a number');
/** An id as Flink's tools write it. */
export const hex32: Shape<string> = plain(
  { type: 'string', pattern: '^[0-9a-f]{32}$' },
  (value) => typeof value === 'string' && /^[0-9a-f]{32}$/.test(value),
  'an id of 32 lower-case hexadecimal digits',
);
/** A path or URL; the paths of no system are longer. */
export const location: Shape<string> = plain(
  { type: 'string', minLength: 1, maxLength: 4096 },
  (value) => typeof value === 'string' && value !== '' && value.length <= 4096,
  'a path of 1 to 4096 characters',
);

/** Whatever JSON has. */
export const anything: Shape<unknown> = plain({}, (value) => value !== undefined, 'there');

export const oneOf = <const T extends string>(...words: readonly T[]): Shape<T> =>
  plain({ type: 'string', enum: words }, (value) => words.some((word) => word === value), `one of ${words.join(', ')}`);

export const nullable = <T>(shape: Shape<T>): Shape<T | null> => ({
  schema: { anyOf: [shape.schema, { type: 'null' }] },
  problemWith: (value, at) => (value === null ? null : shape.problemWith(value, at)),
});

/** A field that may be absent. */
export const optional = <T>(shape: Shape<T>): Shape<T | undefined> => ({
  schema: shape.schema,
  problemWith: (value, at) => (value === undefined ? null : shape.problemWith(value, at)),
});

/** To Java a field that is absent is null. */
export const maybe = <T>(shape: Shape<T>): Shape<T | null | undefined> => optional(nullable(shape));

export const list = <T>(shape: Shape<T>): Shape<readonly T[]> => ({
  schema: { type: 'array', items: shape.schema },
  problemWith: (value, at) => (Array.isArray(value) ? firstOf(value.map((item: unknown, i) => shape.problemWith(item, `${at}[${i}]`))) : `${at} is not a list`),
});

/** Any keys, values of one shape. */
export const mapOf = <T>(shape: Shape<T>): Shape<Readonly<Record<string, T>>> => ({
  schema: { type: 'object', additionalProperties: shape.schema },
  problemWith: (value, at) => (isObject(value) ? firstOf(Object.entries(value).map(([key, item]) => shape.problemWith(item, `${at}.${key}`))) : `${at} is not an object`),
});

/** Other fields are let through: clients of other versions send some. */
export const object = <const F extends Fields>(fields: F): Shape<ObjectOf<F>> => ({
  schema: {
    type: 'object',
    properties: Object.fromEntries(Object.entries(fields).map(([key, { schema }]) => [key, schema])),
    required: Object.entries(fields).flatMap(([key, shape]) => (shape.problemWith(undefined, key) === null ? [] : [key])),
  },
  problemWith: (value, at) => (isObject(value) ? firstOf(Object.entries(fields).map(([key, shape]) => shape.problemWith(value[key], `'${key}' of ${at}`))) : `${at} is not an object`),
});

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
const firstOf = (problems: readonly (string | null)[]): string | null => problems.find((problem) => problem !== null) ?? null;
