/** java.util.Formatter with Locale.US, for the arguments that SQL can give it. */
import { decimalText, divideHalfUp, parseDecimal, pow10 } from '../decimal.ts';
import { SluiceError } from '../errors.ts';
import { javaText } from '../java-text.ts';
import type { SqlType, Value } from '../types.ts';

export interface FormatArgument {
  readonly type: SqlType;
  readonly value: Value;
}

interface Specifier {
  readonly text: string;
  readonly flags: string;
  readonly width: number;
  readonly precision: number | null;
  readonly conversion: string;
}

const SPECIFIER = /%(?:(\d+)\$|(<))?([-#+ 0,(]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])|%/g;

/** Widths beyond this are a mistake, and would fill the memory. */
const WIDEST = 1_000_000;

/** Throws EXPRESSION_FAILED where Java throws an IllegalFormatException, with its message. */
export function formatJava(format: string, args: readonly FormatArgument[]): string {
  let next = 0;
  let last = -1;
  return format.replace(SPECIFIER, (text: string, position?: string, previous?: string, flags = '', width?: string, precision?: string, conversion?: string) => {
    if (conversion === undefined) throw illegal("Conversion = '%'");
    if (Number(width ?? 0) > WIDEST || Number(precision ?? 0) > WIDEST) throw illegal(`Format specifier '${text}'`);
    const specifier: Specifier = { text, flags, width: Number(width ?? 0), precision: precision === undefined ? null : Number(precision), conversion };
    if (conversion === 'n') return '\n';
    if (conversion === '%') return padded('%', specifier);
    last = position !== undefined ? Number(position) - 1 : previous !== undefined ? last : next++;
    const argument = args[last];
    if (argument === undefined) throw illegal(`Format specifier '${text}'`);
    return formatted(specifier, argument);
  });
}

const illegal = (message: string): SluiceError =>
  new SluiceError('EXPRESSION_FAILED', { message, hint: 'The formats are those of java.util.Formatter.' });

function padded(text: string, { flags, width }: Specifier): string {
  return flags.includes('-') ? text.padEnd(width) : text.padStart(width);
}

/** An upper-case conversion is the lower-case one in upper case. */
function formatted(specifier: Specifier, argument: FormatArgument): string {
  const { conversion } = specifier;
  const lower = conversion.toLowerCase();
  if (!'bhscdoxefga'.includes(lower) || 'DOF'.includes(conversion)) throw illegal(`Conversion = '${conversion}'`);
  const text = padded(converted(lower, specifier, argument), specifier);
  return conversion === lower ? text : text.toUpperCase();
}

function converted(conversion: string, specifier: Specifier, { type, value }: FormatArgument): string {
  const cut = (text: string): string => (specifier.precision === null ? text : text.slice(0, specifier.precision));
  if (conversion === 'b') return cut(String(value === true || (value !== null && type.kind !== 'BOOLEAN')));
  if (value === null) return cut('null');
  if (conversion === 's') return cut(internalText(type, value));
  if (conversion === 'c') return character(type, value);
  if ('dox'.includes(conversion)) return wholeNumber(conversion, specifier, type, value);
  if ('efg'.includes(conversion)) return floatingPoint(conversion, specifier, type, value);
  throw illegal(`Conversion = '${specifier.conversion}'`);
}

type Present = Exclude<Value, null>;

/** As Flink's internal data structures print: dates and times are numbers there. */
function internalText(type: SqlType, value: Present): string {
  if (type.kind === 'DATE' || type.kind === 'TIME') return String(value);
  return javaText(type, value);
}

const mismatch = (conversion: string, type: SqlType): SluiceError => illegal(`${conversion} != ${JAVA_CLASSES[type.kind] ?? type.kind}`);

const JAVA_CLASSES: Readonly<Partial<Record<SqlType['kind'], string>>> = {
  BOOLEAN: 'java.lang.Boolean',
  TINYINT: 'java.lang.Byte',
  SMALLINT: 'java.lang.Short',
  INT: 'java.lang.Integer',
  BIGINT: 'java.lang.Long',
  FLOAT: 'java.lang.Float',
  DOUBLE: 'java.lang.Double',
  DECIMAL: 'org.apache.flink.table.data.DecimalData',
  CHAR: 'org.apache.flink.table.data.binary.BinaryStringData',
  VARCHAR: 'org.apache.flink.table.data.binary.BinaryStringData',
  DATE: 'java.lang.Integer',
  TIME: 'java.lang.Integer',
  TIMESTAMP: 'org.apache.flink.table.data.TimestampData',
  TIMESTAMP_LTZ: 'org.apache.flink.table.data.TimestampData',
};

function character(type: SqlType, value: Present): string {
  if (typeof value !== 'number' || !['TINYINT', 'SMALLINT', 'INT'].includes(type.kind)) throw mismatch('c', type);
  if (value < 0 || value > 0x10ffff) throw illegal(`Code point = 0x${(value >>> 0).toString(16)}`);
  return String.fromCodePoint(value);
}

const BITS: Readonly<Partial<Record<SqlType['kind'], number>>> = { TINYINT: 8, SMALLINT: 16, INT: 32, BIGINT: 64, DATE: 32, TIME: 32 };

function wholeNumber(conversion: string, specifier: Specifier, type: SqlType, value: Present): string {
  const bits = BITS[type.kind];
  if (bits === undefined || (typeof value !== 'number' && typeof value !== 'bigint')) throw mismatch(conversion, type);
  if (specifier.precision !== null) throw illegal(String(specifier.precision));
  const number = BigInt(value);
  if (conversion === 'd') return signed(number < 0n, String(number < 0n ? -number : number), specifier);
  const digits = BigInt.asUintN(bits, number).toString(conversion === 'o' ? 8 : 16);
  const prefix = specifier.flags.includes('#') ? (conversion === 'o' ? '0' : '0x') : '';
  return prefix + (specifier.flags.includes('0') ? digits.padStart(specifier.width - prefix.length, '0') : digits);
}

/** Sign, grouping and zeros in front of an absolute number. */
function signed(negative: boolean, size: string, { flags, width }: Specifier): string {
  const [whole = '', rest = ''] = size.split(/(?=\.)/, 2);
  const grouped = flags.includes(',') ? whole.replace(/\B(?=(?:\d{3})+$)/g, ',') + rest : size;
  const [before, after] = negative ? (flags.includes('(') ? ['(', ')'] : ['-', '']) : [flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '', ''];
  const filled = flags.includes('0') ? grouped.padStart(width - before.length - after.length, '0') : grouped;
  return before + filled + after;
}

function floatingPoint(conversion: string, specifier: Specifier, type: SqlType, value: Present): string {
  if (typeof value !== 'number' || (type.kind !== 'FLOAT' && type.kind !== 'DOUBLE')) throw mismatch(conversion, type);
  if (Number.isNaN(value)) return 'NaN';
  const negative = value < 0 || Object.is(value, -0);
  if (!Number.isFinite(value)) return signed(negative, 'Infinity', { ...specifier, flags: specifier.flags.replace(/[0,]/g, '') });
  const shortest = javaText(type, Math.abs(value));
  const digits = specifier.precision ?? 6;
  if (conversion === 'f') return signed(negative, fixed(shortest, digits), specifier);
  if (conversion === 'e') return signed(negative, scientific(shortest, digits), { ...specifier, flags: specifier.flags.replace(',', '') });
  return signed(negative, general(Math.abs(value), shortest, Math.max(digits, 1)), specifier);
}

/** Rounded HALF_UP from the shortest digits that make the number, as Java does. */
const fixed = (shortest: string, digits: number): string => decimalText(parseDecimal(shortest, digits) ?? 0n, digits);

function scientific(shortest: string, digits: number): string {
  const [mantissa = '', power = '0'] = Number(shortest).toExponential().split('e');
  const scale = mantissa.length > 1 ? mantissa.length - 2 : 0;
  const unscaled = BigInt(mantissa.replace('.', ''));
  const rounded = scale <= digits ? unscaled * pow10(digits - scale) : divideHalfUp(unscaled, pow10(scale - digits));
  const carried = rounded >= pow10(digits + 1);
  const exponent = Number(power) + (carried ? 1 : 0);
  const text = decimalText(carried ? rounded / 10n : rounded, digits);
  return `${text}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** Plain from 0.0001 up to the precision, else with an exponent. */
function general(size: number, shortest: string, digits: number): string {
  if (size === 0) return fixed('0', digits - 1);
  const exponent = Number(scientific(shortest, digits - 1).split('e')[1]);
  return exponent >= -4 && exponent < digits ? fixed(shortest, digits - 1 - exponent) : scientific(shortest, digits - 1);
}

