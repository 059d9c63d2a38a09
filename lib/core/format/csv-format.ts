/** Options of Flink's `csv` format (CsvFormatOptions, CsvCommons): how a row is written, and how it is read. */
import { SluiceError } from '../errors.ts';
import type { CsvReadFormat } from '../plan.ts';

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

type Options = Readonly<Record<string, string>>;

/** Reads `csv.*` of a table that is written. Throws OPTION_INVALID. */
export function csvFormatOf(options: Options): CsvFormat {
  const isScientific = options['csv.write-bigdecimal-in-scientific-notation']?.toLowerCase() !== 'false';
  const arrayDelimiter = options['csv.array-element-delimiter'];
  return readable({
    ...charactersOf(options),
    nullLiteral: options['csv.null-literal'] ?? '',
    isScientific,
    ...(arrayDelimiter !== undefined && { arrayDelimiter: single('csv.array-element-delimiter', arrayDelimiter) }),
  });
}

/** Reads `csv.*` of a table that is read; whose fields a record has is for others to say. Throws OPTION_INVALID. */
export function csvReadFormatOf(options: Options): Omit<CsvReadFormat, 'fields'> {
  const isTrue = (key: string): boolean => options[key]?.toLowerCase() === 'true';
  return {
    kind: 'csv',
    ...charactersOf(options),
    nullLiteral: options['csv.null-literal'] ?? null,
    arrayDelimiter: single('csv.array-element-delimiter', options['csv.array-element-delimiter'] ?? ';'),
    allowComments: isTrue('csv.allow-comments'),
    ignoreParseErrors: isTrue('csv.ignore-parse-errors'),
  };
}

function charactersOf(options: Options): Pick<CsvFormat, 'delimiter' | 'quote' | 'escape'> {
  const delimiter = options['csv.field-delimiter'] ?? ',';
  const isUnquoted = options['csv.disable-quote-character']?.toLowerCase() === 'true';
  const escape = options['csv.escape-character'];
  if (isUnquoted && options['csv.quote-character'] !== undefined) {
    const message = 'Format cannot define a quote character and disabled quote character at the same time.';
    throw new SluiceError('OPTION_INVALID', { message, hint: "Remove 'csv.quote-character' or 'csv.disable-quote-character'." });
  }
  return {
    delimiter: single('csv.field-delimiter', ESCAPES[delimiter] ?? unicode(delimiter)),
    quote: isUnquoted ? null : single('csv.quote-character', options['csv.quote-character'] ?? '"'),
    escape: escape === undefined ? null : single('csv.escape-character', escape),
  };
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
  throw new SluiceError('OPTION_INVALID', { message: `Option '${key}' must be a string with single character, but was: ${value}`, hint: "Write a tab as '\\t'." });
}
