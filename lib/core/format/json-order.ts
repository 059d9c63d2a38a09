/**
 * The order in which an object has its members in the text. JavaScript puts keys that look like indexes (`"10"`, `"2"`) in front, and in the order of
 * numbers; Jackson keeps all as they were written. So the order of such objects is kept beside them, which costs nothing for all others.
 */

/** JSON as JSON.parse gives it, or with objects of its own for numbers. */
type Json = unknown;
type JsonObject = Readonly<Record<string, Json>>;

const ORDER = Symbol('order of keys');
/** A key that looks like an index. */
const INDEX = /^(?:0|[1-9]\d*)$/;
/** May also match inside of a string, which does no harm. */
const INDEX_KEY = /"\d+"\s*:/;

type Ordered = JsonObject & { readonly [ORDER]?: readonly string[] };

/** True if the order of this object's keys is lost: what looks like an index comes first then. */
export function isReordered(object: Ordered): boolean {
  for (const key in object) return INDEX.test(key) && object[ORDER] === undefined;
  return false;
}

/** The keys of an object as they were written. */
export const keysInOrder = (object: Ordered): readonly string[] => object[ORDER] ?? Object.keys(object);

export const valuesInOrder = (object: JsonObject): readonly Json[] => keysInOrder(object).map((key) => object[key]);

export const entriesInOrder = (object: JsonObject): readonly (readonly [string, Json])[] => keysInOrder(object).map((key) => [key, object[key]]);

/** Remembers the order of the keys in all objects of a text, where it is not the order that JSON.parse gives them. */
export function keepOrder(json: Json, text: string): Json {
  if (INDEX_KEY.test(text)) remember(json, tokensOf(text));
  return json;
}

const TOKEN = /"(?:[^"\\]|\\[^])*"|[[\]{},]|[^\s"[\]{},:]+/g;

function tokensOf(text: string): () => string {
  const tokens = text.matchAll(TOKEN);
  return () => tokens.next().value?.[0] ?? '';
}

/** Goes through the value and its tokens side by side: the text is known to be JSON. */
function remember(json: Json, next: () => string, token = next()): void {
  if (token === '[') rememberItems(json, next);
  else if (token === '{') rememberMembers(json, next);
}

function rememberItems(json: Json, next: () => string): void {
  let i = 0;
  for (let token = next(); token !== ']' && token !== ''; token = next()) {
    if (token === ',') continue;
    remember(Array.isArray(json) ? json[i++] : null, next, token);
  }
}

/** Of two members with one key JSON.parse has the last, and Jackson has it in the place of the first. */
function rememberMembers(json: Json, next: () => string): void {
  const keys = new Set<string>();
  const object = isPlain(json) ? json : {};
  for (let token = next(); token !== '}' && token !== ''; token = next()) {
    if (token === ',') continue;
    const key = String(JSON.parse(token));
    keys.add(key);
    remember(object[key], next);
  }
  if (isReordered(object)) Object.defineProperty(object, ORDER, { value: [...keys] });
}

const isPlain = (json: Json): json is JsonObject => typeof json === 'object' && json !== null && !Array.isArray(json);
