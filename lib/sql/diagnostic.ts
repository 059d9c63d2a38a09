/** Errors that point at the place: line, column, the line itself and carets under it. */
import { displayWidth } from '../core/display-width.ts';
import { SluiceError, type ErrorCode } from '../core/errors.ts';
import type { Span } from './ast.ts';
import { nearest } from '../core/nearest.ts';

export { nearest };

export type SqlErrorCode = Extract<ErrorCode, 'SQL_PARSE' | 'SQL_UNSUPPORTED' | 'SQL_VALIDATE' | 'OPTION_INVALID'>;

/** Lines and columns from 1; columns are code points; the end is inclusive, as Flink reports it. */
export interface Position {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/**
 * The error of `span` in `source`; its details are a `Position`, that of `at` where Flink says another place than the one that is shown.
 * A message that names its place, as those of Flink's parser do, is not preceded by it.
 */
export function sqlError(code: SqlErrorCode, source: string, span: Span, message: string, hint?: string, at: Span = span): SluiceError {
  const position = positionOf(source, at);
  const place = `at line ${position.line}, column ${position.column}`;
  const head = message.includes(place) ? `${code}: ${message}` : `${code} ${place}: ${message}`;
  const details = { ...position };
  const text = `${head}\n${excerpt(source, span)}`;
  return new SluiceError(code, hint === undefined ? { message: text, details } : { message: text, hint, details });
}

/** Where Flink's parser says that a text ends: at its last character, and nowhere in an empty one. */
export const endOf = (source: string): Span => ({ start: source.length - 1, end: source.length });

/** `Did you mean 'user_id'?`, or undefined when nothing is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const found = nearest(word, candidates);
  return found === undefined ? undefined : `Did you mean '${found}'?`;
}

export function positionOf(source: string, span: Span): Position {
  if (span.start < 0) return { line: 0, column: 0, endLine: 0, endColumn: 0 };
  const first = lineAt(source, span.start);
  const lastOffset = Math.max(span.start, span.end - 1);
  const last = lineAt(source, lastOffset);
  return {
    line: first.number,
    column: codePoints(source.slice(first.start, span.start)) + 1,
    endLine: last.number,
    endColumn: codePoints(source.slice(last.start, lastOffset)) + 1,
  };
}

const codePoints = (text: string): number => [...text].length;

const LINE_END = /\r\n|\r|\n/g;

function lineAt(source: string, offset: number): { number: number; start: number } {
  let number = 1;
  let start = 0;
  for (const end of source.matchAll(LINE_END)) {
    const next = end.index + end[0].length;
    if (next > offset) break;
    number++;
    start = next;
  }
  return { number, start };
}

/** Characters shown on either side of the place in a long line. */
const CONTEXT = 80;

/** The line with carets under the span, cut where it is long; a span of several lines is marked to the end of its first. */
function excerpt(source: string, span: Span): string {
  const { start, number: line } = lineAt(source, span.start);
  const lineEnd = start + source.slice(start).search(/[\r\n]|$/);
  const from = Math.max(start, span.start - CONTEXT);
  const markEnd = Math.min(span.end, lineEnd, span.start + CONTEXT);
  const to = Math.min(lineEnd, Math.max(span.start, markEnd) + CONTEXT);
  const lead = (from > start ? '…' : '') + printable(source.slice(from, span.start));
  const marked = printable(source.slice(span.start, markEnd));
  const tail = printable(source.slice(Math.max(span.start, markEnd), to)) + (to < lineEnd ? '…' : '');
  const margin = `  ${line} | `;
  const carets = '^'.repeat(Math.max(1, displayWidth(marked)));
  return `${margin}${lead}${marked}${tail}\n${' '.repeat(margin.length - 2)}| ${blank(lead)}${carets}`;
}

/** Control characters could move the cursor or recolour a terminal; halves of surrogate pairs cannot be printed. */
const printable = (text: string): string => text.replace(/[^\P{C}\t]|[\p{Zl}\p{Zp}]/gu, '\ufffd');

/** As wide as the text: a tab stays a tab, so that it jumps to the same stop in both lines. */
const blank = (text: string): string => [...text].map((char) => (char === '\t' ? '\t' : ' '.repeat(displayWidth(char)))).join('');
