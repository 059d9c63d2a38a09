/** SQL that programs do not write themselves. */
import { quoted } from '../../sql/catalog-table.ts';

export { quoted };

/** A character string literal. */
export const literalText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** What stands in `WITH (…)`; options that are undefined are left out. */
export const optionsText = (options: Readonly<Record<string, string | undefined>>): string =>
  Object.entries(options).flatMap(([key, value]) => (value === undefined ? [] : [`${literalText(key)} = ${literalText(value)}`])).join(', ');
