/** Options of Flink's `csv` format that say how a row is written. */
import { SluiceError } from '../errors.ts';

export interface CsvFormat {
  readonly delimiter: string;
  /** null: values are never quoted. */
  readonly quote: string | null;
  /** null: a quote within quotes is doubled. */
  readonly escape: string | null;
  /** How NULL is written; '' is Flink's default. */
  readonly nullLiteral: string;
  /** DECIMALs as Java's BigDecimal prints them, `1E+5`, which is Flink's default; else `100000`. */
  readonly isScientific: boolean;
  /** Between the elements of an ARRAY and the fields of a ROW; absent: `;`. */
  readonly arrayDelimiter?: string;
}

/** Backslash sequences that Flink reads in the delimiter. */
const ESCAPES: Readonly<Record<string, string>> = { '\\t': '\t', '\\\\': '\\', '\\0': '\0', '\\f': '\f', '\\b': '\b' };

/** Reads `csv.*` of a WITH clause. Throws OPTION_INVALID. */
export function csvFormatOf(options: Readonly<Record<string, string>>): CsvFormat {
  const delimiter = options['csv.field-delimiter'] ?? ',';
  const isUnquoted = options['csv.disable-quote-character']?.toLowerCase() === 'true';
  const escape = options['csv.escape-character'];
  if (isUnquoted && options['csv.quote-character'] !== undefined) {
    throw new SluiceError('OPTION_INVALID', { message: "'csv.quote-character' cannot be set where 'csv.disable-quote-character' is true" });
  }
  return readable({
    delimiter: single('csv.field-delimiter', ESCAPES[delimiter] ?? unicode(delimiter)),
    quote: isUnquoted ? null : single('csv.quote-character', options['csv.quote-character'] ?? '"'),
    escape: escape === undefined ? null : single('csv.escape-character', escape),
    nullLiteral: options['csv.null-literal'] ?? '',
    isScientific: options['csv.write-bigdecimal-in-scientific-notation']?.toLowerCase() !== 'false',
    ...(options['csv.array-element-delimiter'] !== undefined && { arrayDelimiter: options['csv.array-element-delimiter'] }),
  });
}

/** Nobody could read lines back whose characters have two meanings; NULL is never quoted. */
function readable(format: CsvFormat): CsvFormat {
  const { delimiter, quote, escape, nullLiteral } = format;
  if (delimiter === quote || delimiter === escape) {
    throw new SluiceError('OPTION_INVALID', { message: `'csv.field-delimiter' is the ${delimiter === quote ? 'quote' : 'escape'} character as well`, hint: 'Choose another one.' });
  }
  const special = [delimiter, '\n', '\r', ...(quote === null ? [] : [quote])].find((each) => nullLiteral.includes(each));
  if (special === undefined) return format;
  throw new SluiceError('OPTION_INVALID', { message: `'csv.null-literal' holds ${JSON.stringify(special)}, which means something else in CSV`, hint: "Choose a text such as 'n/a'." });
}

const unicode = (text: string): string => (/^\\u[0-9a-fA-F]{4}$/.test(text) ? String.fromCharCode(Number.parseInt(text.slice(2), 16)) : text);

function single(key: string, value: string): string {
  if (value.length === 1 && value !== '\n' && value !== '\r') return value;
  throw new SluiceError('OPTION_INVALID', { message: `'${key}' needs one character, not '${value}'`, hint: "Write a tab as '\\t'." });
}
