/**
 * Counts and bounds of one column of a data file: what readers plan by. How much is kept is said by the table's properties
 * `write.metadata.metrics.default` and `write.metadata.metrics.column.<name>`.
 */
import { bytesOf, type Present, stringOf } from '../../core/value-access.ts';
import { singleValue } from './single-value.ts';
import { firstCodePoints } from './transforms.ts';
import type { PrimitiveType } from './types.ts';

/** `none`: nothing; `counts`: no bounds; `truncate(n)`: text and binary bounds of n characters or bytes; `full`: whole bounds. */
export type MetricsMode = { readonly kind: 'none' | 'counts' | 'full' } | { readonly kind: 'truncate'; readonly length: number };

const DEFAULT_MODE: MetricsMode = { kind: 'truncate', length: 16 };

/** A mode that nobody knows counts as the default, as in Iceberg's own library. */
export function metricsMode(properties: Readonly<Record<string, string>>, column: string): MetricsMode {
  return modeOf(properties[`write.metadata.metrics.column.${column}`]) ?? modeOf(properties['write.metadata.metrics.default']) ?? DEFAULT_MODE;
}

function modeOf(text: string | undefined): MetricsMode | null {
  if (text === undefined) return null;
  const name = text.toLowerCase();
  if (name === 'none' || name === 'counts' || name === 'full') return { kind: name };
  const length = Number(/^truncate\((\d+)\)$/.exec(name)?.[1] ?? 0);
  return length > 0 ? { kind: 'truncate', length } : null;
}

export interface ColumnMetrics {
  /** Rows, nulls included. */
  readonly values: number;
  readonly nulls: number;
  /** undefined: no type with NaN. */
  readonly nans: number | undefined;
  readonly lower: Uint8Array | null;
  readonly upper: Uint8Array | null;
}

export type Comparison = (a: Present, b: Present) => number;

/** Sums up the values of one column, chunk by chunk. */
export class ColumnBounds {
  readonly #type: PrimitiveType;
  readonly #compare: Comparison;
  readonly #isFloating: boolean;
  #values = 0;
  #nulls = 0;
  #nans = 0;
  #least: Present | null = null;
  #greatest: Present | null = null;

  constructor(type: PrimitiveType) {
    this.#type = type;
    this.#compare = comparison(type);
    this.#isFloating = type.kind === 'float' || type.kind === 'double';
  }

  add(values: readonly (Present | null)[]): void {
    this.#values += values.length;
    for (const value of values) {
      if (value === null) this.#nulls++;
      else if (this.#isFloating && Number.isNaN(value)) this.#nans++;
      else this.#widen(value);
    }
  }

  metrics(mode: MetricsMode): ColumnMetrics {
    const hasBounds = mode.kind === 'truncate' || mode.kind === 'full';
    return {
      values: this.#values,
      nulls: this.#nulls,
      nans: this.#isFloating ? this.#nans : undefined,
      lower: hasBounds && this.#least !== null ? lowerBound(this.#type, this.#least, mode) : null,
      upper: hasBounds && this.#greatest !== null ? upperBound(this.#type, this.#greatest, mode) : null,
    };
  }

  /** Text as it is written: a surrogate that stands alone becomes U+FFFD, which other text may follow. */
  #widen(given: Present): void {
    const value = typeof given === 'string' ? given.toWellFormed() : given;
    if (this.#least === null || this.#compare(value, this.#least) < 0) this.#least = value;
    if (this.#greatest === null || this.#compare(value, this.#greatest) > 0) this.#greatest = value;
  }
}

/** The order of bounds: text by its UTF-8 bytes, -0 before 0. */
export function comparison(type: PrimitiveType): Comparison {
  switch (type.kind) {
    case 'string':
      return (a, b) => compareTexts(stringOf(a), stringOf(b));
    case 'uuid':
    case 'fixed':
    case 'binary':
      return (a, b) => Buffer.compare(bytesOf(a), bytesOf(b));
    case 'float':
    case 'double':
      return (a, b) => (a < b ? -1 : a > b ? 1 : Number(Object.is(b, -0)) - Number(Object.is(a, -0)));
    default:
      return (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  }
}

/** By code points; UTF-16 alone would put surrogates, which stand for the highest ones, below U+E000. */
function compareTexts(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  let i = 0;
  while (i < shared && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  if (i === shared) return a.length - b.length;
  return rank(a.charCodeAt(i)) - rank(b.charCodeAt(i));
}

const rank = (unit: number): number => (unit < 0xd800 ? unit : unit >= 0xe000 ? unit - 0x800 : unit + 0x2000);

function lowerBound(type: PrimitiveType, value: Present, mode: MetricsMode): Uint8Array {
  if (mode.kind !== 'truncate') return singleValue(type, value);
  if (type.kind === 'string') return singleValue(type, firstCodePoints(stringOf(value), mode.length));
  return isBinary(type) ? bytesOf(value).slice(0, mode.length) : singleValue(type, value);
}

/** null: no shorter value is above this one. */
function upperBound(type: PrimitiveType, value: Present, mode: MetricsMode): Uint8Array | null {
  if (mode.kind !== 'truncate') return singleValue(type, value);
  if (type.kind === 'string') {
    const text = textAbove(stringOf(value), mode.length);
    return text === null ? null : singleValue(type, text);
  }
  return isBinary(type) ? bytesAbove(bytesOf(value), mode.length) : singleValue(type, value);
}

const isBinary = ({ kind }: PrimitiveType): boolean => kind === 'binary' || kind === 'fixed';

const LAST_CODE_POINT = 0x10ffff;

function textAbove(text: string, length: number): string | null {
  const prefix = firstCodePoints(text, length);
  if (prefix.length === text.length) return text;
  const points = Array.from(prefix, (point) => point.codePointAt(0) ?? 0);
  for (let i = points.length - 1; i >= 0; i--) {
    const point = points[i] ?? LAST_CODE_POINT;
    if (point < LAST_CODE_POINT) return String.fromCodePoint(...points.slice(0, i), nextCodePoint(point));
  }
  return null;
}

/** Surrogates are no characters. */
const nextCodePoint = (point: number): number => (point >= 0xd7ff && point < 0xe000 ? 0xe000 : point + 1);

function bytesAbove(bytes: Uint8Array, length: number): Uint8Array | null {
  if (bytes.length <= length) return bytes.slice();
  const prefix = bytes.slice(0, length);
  const last = prefix.findLastIndex((byte) => byte < 0xff);
  if (last < 0) return null;
  prefix[last] = (prefix[last] ?? 0) + 1;
  return prefix.slice(0, last + 1);
}
