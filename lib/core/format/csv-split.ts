/** A line of CSV into its fields, as Jackson's CsvDecoder reads it: what is quoted, escaped, a comment, and where the record ends. */
import type { CsvReadFormat } from '../plan.ts';

/** Fills `fields` with the texts of the first line that is not a comment; false if there is none. Throws CsvError. */
export type CsvSplitter = (record: string, fields: string[]) => boolean;

/** What is wrong with a record; never leaves `format`. */
export class CsvError extends Error {}

export function compileSplitter(format: CsvReadFormat): CsvSplitter {
  const { delimiter, quote, escape } = format;
  const special = new RegExp(`[\\r\\n${[quote, escape].map((char) => (char === null ? '' : inClass(char))).join('')}]`);
  const reader = new FieldReader(format);
  return (record, fields) => {
    const from = format.allowComments ? behindComments(record) : 0;
    if (from === record.length) return false;
    fields.length = 0;
    if (special.test(record)) reader.read(record, from, fields);
    else splitPlain(record, from, delimiter, fields);
    return true;
  };
}

const inClass = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Where the first line begins that does not begin with '#'. */
function behindComments(record: string): number {
  let from = 0;
  while (record[from] === '#') {
    const end = record.slice(from).search(/[\r\n]/);
    from = end < 0 ? record.length : from + end + (record.startsWith('\r\n', from + end) ? 2 : 1);
  }
  return from;
}

function splitPlain(record: string, from: number, delimiter: string, fields: string[]): void {
  let start = from;
  for (let end = record.indexOf(delimiter, start); end >= 0; end = record.indexOf(delimiter, start)) {
    fields.push(record.slice(start, end));
    start = end + 1;
  }
  fields.push(record.slice(start));
}

const ESCAPED: Readonly<Record<string, string>> = { 0: '\0', n: '\n', r: '\r', t: '\t' };

/** Reads a record that has quotes, escapes or ends of lines. */
class FieldReader {
  readonly #format: CsvReadFormat;
  #text = '';
  #at = 0;

  constructor(format: CsvReadFormat) {
    this.#format = format;
  }

  read(record: string, from: number, fields: string[]): void {
    this.#text = record;
    this.#at = from;
    do fields.push(this.#text[this.#at] === this.#format.quote ? this.#quoted() : this.#unquoted());
    while (this.#passDelimiter());
  }

  #passDelimiter(): boolean {
    if (this.#text[this.#at] !== this.#format.delimiter) return false;
    this.#at++;
    return true;
  }

  /** A quote that does not begin the field is part of it. */
  #unquoted(): string {
    let field = '';
    for (; this.#at < this.#text.length && !this.#isEnd(); this.#at++) field += this.#isEscape() ? this.#unescaped() : (this.#text[this.#at] ?? '');
    return field;
  }

  /** Within quotes a doubled quote is one, and lines do not end; behind them there may be blanks. */
  #quoted(): string {
    const { quote } = this.#format;
    let field = '';
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      if (this.#isEscape()) field += this.#unescaped();
      else if (this.#text[this.#at] !== quote) field += this.#text[this.#at] ?? '';
      else if (this.#text[this.#at + 1] === quote) field += this.#text[++this.#at] ?? '';
      else return this.#closed(field);
    }
    throw new CsvError('missing closing quote for value');
  }

  #closed(field: string): string {
    do this.#at++;
    while (this.#text[this.#at] === ' ' && this.#format.delimiter !== ' ');
    if (this.#at >= this.#text.length || this.#isEnd()) return field;
    throw new CsvError(`expected the delimiter '${this.#format.delimiter}' or the end of the line behind a quoted value, not '${this.#text[this.#at]}'`);
  }

  #isEnd(): boolean {
    const char = this.#text[this.#at];
    return char === this.#format.delimiter || char === '\n' || char === '\r';
  }

  #isEscape(): boolean {
    return this.#text[this.#at] === this.#format.escape;
  }

  #unescaped(): string {
    const char = this.#text[++this.#at];
    if (char === undefined) throw new CsvError('unexpected end behind the escape character');
    return ESCAPED[char] ?? char;
  }
}
