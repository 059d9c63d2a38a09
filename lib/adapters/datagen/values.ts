/** Generated rows as JSON, in the form in which the `json` format reads every type. */
import { toBase64 } from '../../core/base64.ts';
import { decimalText, pow10 } from '../../core/decimal.ts';
import type { FieldGenerator, GeneratedField } from '../../core/generated-rows.ts';
import { below, drawsFor, fraction, type Draws } from './draws.ts';

/** What a row is made of: its number, and the time at which it is generated, epoch ms. */
export interface RowAt {
  readonly row: number;
  readonly now: number;
}

type ValueText = (at: RowAt) => string;
type Make = (draws: Draws, at: RowAt) => string;

/** The JSON object of a row. `seed`: whose rows they are; a field has the same values whatever other fields there are. */
export function rowText(seed: string, fields: readonly GeneratedField[]): ValueText {
  const texts = fields.map(({ name, values }) => ({ label: `${JSON.stringify(name)}:`, text: valueText(`${seed}.${name}`, values) }));
  return (at) => `{${texts.map(({ label, text }) => label + text(at)).join(',')}}`;
}

function valueText(path: string, values: FieldGenerator): ValueText {
  const { nullRate = 0 } = values;
  const draws = drawsFor(path);
  const make = makerOf(path, values);
  return (at) => {
    const own = draws(at.row);
    return nullRate > 0 && fraction(own) <= nullRate ? 'null' : make(own, at);
  };
}

function makerOf(path: string, values: FieldGenerator): Make {
  switch (values.kind) {
    case 'sequence':
      return sequence(BigInt(values.start), values.as);
    case 'boolean':
      return (draws) => String(draws() >>> 31 === 1);
    case 'integer': {
      const [min, max] = [BigInt(values.min), BigInt(values.max)];
      return (draws) => String(min + below(draws, max - min + 1n));
    }
    case 'double':
      return (draws) => String(between(draws, values.min, values.max));
    case 'decimal':
      return decimal(values);
    case 'text':
      return (draws) => `"${hexDigits(draws, lengthOf(draws, values))}"`;
    case 'bytes':
      return (draws) => `"${toBase64(Uint8Array.from({ length: lengthOf(draws, values) }, () => draws() >>> 24))}"`;
    case 'array': {
      const element = items(`${path}.element`, values.element);
      return (_, at) => `[${element(at, values.length).join(',')}]`;
    }
    case 'map':
      return map(path, values);
    case 'row': {
      const text = rowText(path, values.fields);
      return (_, at) => text(at);
    }
    default:
      return clock(values);
  }
}

function sequence(start: bigint, as: 'number' | 'text' | 'bytes'): Make {
  return (_, { row }) => {
    const value = start + BigInt(row);
    return as === 'number' ? String(value) : as === 'text' ? `"${value}"` : `"${toBase64(bigEndian(value))}"`;
  };
}

function bigEndian(value: bigint): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setBigInt64(0, value);
  return new Uint8Array(bytes.buffer);
}

/** Of bounds whose distance is no number the middle is one. */
function between(draws: Draws, min: number, max: number): number {
  const part = fraction(draws);
  return part * max + (1 - part) * min;
}

/** Digits behind the scale are cut off, and so is what the precision does not hold. */
function decimal({ min, max, precision, scale }: Extract<FieldGenerator, { kind: 'decimal' }>): Make {
  const largest = pow10(precision) - 1n;
  const bound = Number(largest) / 10 ** scale;
  const [from, to] = [Math.max(min, -bound), Math.min(max, bound)];
  return (draws) => {
    const unscaled = BigInt(Math.trunc(between(draws, from, to) * 10 ** scale));
    return decimalText(unscaled > largest ? largest : unscaled < -largest ? -largest : unscaled, scale);
  };
}

function lengthOf(draws: Draws, { length, varies }: Extract<FieldGenerator, { kind: 'text' | 'bytes' }>): number {
  return varies === true && length > 0 ? 1 + Number(below(draws, BigInt(length))) : length;
}

const HEX_OF_A_DRAW = 8;

function hexDigits(draws: Draws, length: number): string {
  let digits = '';
  while (digits.length < length) digits += draws().toString(16).padStart(HEX_OF_A_DRAW, '0');
  return digits.slice(0, length);
}

/** Several values of one field of one row, each with draws of its own. */
function items(path: string, values: FieldGenerator): (at: RowAt, count: number) => string[] {
  const texts: ValueText[] = [];
  return (at, count) => Array.from({ length: count }, (_, i) => (texts[i] ??= valueText(`${path}[${i}]`, values))(at));
}

function map(path: string, { length, key, value }: Extract<FieldGenerator, { kind: 'map' }>): Make {
  const keys = items(`${path}.key`, key);
  const values = items(`${path}.value`, value);
  return (_, at) => {
    const entries = values(at, length);
    const named = new Map(keys(at, length).map((name, i) => [name, entries[i] ?? 'null']));
    named.delete('null'); // JSON has no name for it.
    return `{${Array.from(named, ([name, text]) => `${name}:${text}`).join(',')}}`;
  };
}

type OfClock = Extract<FieldGenerator, { kind: 'timestamp' | 'date' | 'time' }>;

function clock(values: OfClock): Make {
  if (values.kind === 'date') return (_, { now }) => `"${isoText(now).slice(0, 10)}"`;
  if (values.kind === 'time') return (_, { now }) => `"${withPrecision(isoText(now).slice(11), values.precision)}"`;
  const { precision, isLocal, maxPastMs } = values;
  return (draws, { now }) => {
    const past = maxPastMs > 0 ? Math.floor(fraction(draws) * (maxPastMs + 1)) : 0;
    return `"${withPrecision(isoText(now - past).replace('T', ' '), precision)}${isLocal ? 'Z' : ''}"`;
  };
}

/** Without the zone. */
const isoText = (epochMs: number): string => new Date(epochMs).toISOString().slice(0, -1);

const withPrecision = (text: string, digits: number): string => (digits === 0 ? text.slice(0, -4) : text.slice(0, text.length - Math.max(0, 3 - digits)));
