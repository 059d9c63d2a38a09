/** JSON with sorted keys: the same value always gives the same text. */

/** Without spaces: what is hashed. */
export const canonicalJson = (value: unknown): string => render(value, '', '');

/** Indented, for people; as canonical as the other form. */
export const readableJson = (value: unknown): string => `${render(value, '\n', '  ')}\n`;

function render(value: unknown, lineBreak: string, indent: string): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const inner = lineBreak + indent;
  if (Array.isArray(value)) return bracket('[]', value.map((item) => render(item, inner, indent)), inner, lineBreak);
  const colon = indent === '' ? ':' : ': ';
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return bracket('{}', fields.map(([name, field]) => JSON.stringify(name) + colon + render(field, inner, indent)), inner, lineBreak);
}

const bracket = (pair: string, items: readonly string[], inner: string, end: string): string =>
  items.length === 0 ? pair : `${pair.charAt(0)}${inner}${items.join(`,${inner}`)}${end}${pair.charAt(1)}`;
