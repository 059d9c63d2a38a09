/**
 * Patterns of java.time's DateTimeFormatter, `yyyy-MM-dd HH:mm:ss.SSS`, as what a formatter is built of (DateTimeFormatterBuilder.appendPattern,
 * locale en-US).
 */

/** What a letter stands for, by the name of java.time's ChronoField in its messages. */
export type Field =
  | 'Era' | 'Year' | 'YearOfEra' | 'QuarterOfYear' | 'MonthOfYear' | 'DayOfMonth' | 'DayOfYear' | 'DayOfWeek' | 'AlignedWeekOfMonth'
  | 'WeekBasedYear' | 'WeekOfWeekBasedYear' | 'WeekOfMonth' | 'LocalDayOfWeek' | 'ModifiedJulianDay'
  | 'AmPmOfDay' | 'HourOfDay' | 'ClockHourOfDay' | 'HourOfAmPm' | 'ClockHourOfAmPm' | 'MinuteOfHour' | 'SecondOfMinute' | 'NanoOfSecond'
  | 'MilliOfDay' | 'NanoOfDay';

/** NOT_NEGATIVE has no sign; NORMAL one that is negative; EXCEEDS_PAD also a `+` where there are more digits than usual. */
type SignStyle = 'NORMAL' | 'NOT_NEGATIVE' | 'EXCEEDS_PAD';

export interface NumberPart {
  readonly kind: 'number';
  readonly field: Field;
  readonly min: number;
  readonly max: number;
  readonly sign: SignStyle;
  /** Digits of the numbers that follow without anything between; -1: exactly `min` digits belong to this one. */
  following: number;
  /** `yy`: years from 2000. */
  readonly reduced?: true;
}

export type Part =
  | NumberPart
  | { readonly kind: 'text'; readonly field: Field; readonly style: 'short' | 'full' | 'narrow' }
  /** `.` and up to nine digits; only in the formatter of CAST. */
  | { readonly kind: 'fraction' }
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'optional'; readonly parts: readonly Part[] }
  /** `V`, `z`, `O`, `X`, `x` and `Z`: a wall clock has none, and what is read of one has no effect. */
  | { readonly kind: 'zone'; readonly letter: string; readonly count: number };

/** The message of an IllegalArgumentException. */
export class PatternError extends Error {}

const fixed = (field: Field, width: number): NumberPart => ({ kind: 'number', field, min: width, max: width, sign: 'NOT_NEGATIVE', following: 0 });
const free = (field: Field): NumberPart => ({ kind: 'number', field, min: 1, max: 19, sign: 'NORMAL', following: 0 });
const padded = (field: Field, min: number, max: number, sign: SignStyle = 'NOT_NEGATIVE'): NumberPart => ({ kind: 'number', field, min, max, sign, following: 0 });

function year(field: Field, count: number): Part {
  if (count === 2) return { ...fixed(field, 2), reduced: true };
  return padded(field, count, 19, count < 4 ? 'NORMAL' : 'EXCEEDS_PAD');
}

const tooMany = (letter: string): PatternError => new PatternError(`Too many pattern letters: ${letter}`);

function text(field: Field, count: number, letter: string): Part {
  if (count > 5) throw tooMany(letter);
  return { kind: 'text', field, style: count === 4 ? 'full' : count === 5 ? 'narrow' : 'short' };
}

function oneOrTwo(field: Field, count: number, letter: string): Part {
  if (count > 2) throw tooMany(letter);
  return count === 1 ? free(field) : fixed(field, 2);
}

const oneOrTwoThenText = (field: Field, count: number, letter: string): Part => (count <= 2 ? oneOrTwo(field, count, letter) : text(field, count, letter));

function zone(letter: string, count: number): Part {
  const most = letter === 'V' ? 2 : letter === 'z' || letter === 'O' ? 4 : 5;
  if (letter === 'V' && count !== 2) throw new PatternError('Pattern letter count must be 2: V');
  if (letter === 'O' && count !== 1 && count !== 4) throw new PatternError('Pattern letter count must be 1 or 4: O');
  if (count > most) throw tooMany(letter);
  return { kind: 'zone', letter, count };
}

type LetterRule = (count: number, letter: string) => Part;

const LETTERS: Readonly<Record<string, LetterRule>> = {
  G: (count, letter) => text('Era', count, letter),
  u: (count) => year('Year', count),
  y: (count) => year('YearOfEra', count),
  Y: (count) => year('WeekBasedYear', count),
  Q: (count, letter) => oneOrTwoThenText('QuarterOfYear', count, letter),
  q: (count, letter) => oneOrTwoThenText('QuarterOfYear', count, letter),
  M: (count, letter) => oneOrTwoThenText('MonthOfYear', count, letter),
  L: (count, letter) => oneOrTwoThenText('MonthOfYear', count, letter),
  w: (count, letter) => {
    if (count > 2) throw tooMany(letter);
    return padded('WeekOfWeekBasedYear', count, 2);
  },
  W: (count, letter) => {
    if (count > 1) throw tooMany(letter);
    return padded('WeekOfMonth', 1, 2);
  },
  d: (count, letter) => oneOrTwo('DayOfMonth', count, letter),
  D: (count, letter) => {
    if (count > 3) throw tooMany(letter);
    return count === 1 ? free('DayOfYear') : padded('DayOfYear', count, 3);
  },
  g: (count) => padded('ModifiedJulianDay', count, 19, 'NORMAL'),
  F: (count, letter) => {
    if (count > 1) throw tooMany(letter);
    return free('AlignedWeekOfMonth');
  },
  E: (count, letter) => text('DayOfWeek', count, letter),
  e: (count, letter) => oneOrTwoThenText(count <= 2 ? 'LocalDayOfWeek' : 'DayOfWeek', count, letter),
  c: (count, letter) => {
    if (count === 2) throw new PatternError(`Invalid pattern "cc"`);
    return oneOrTwoThenText(count === 1 ? 'LocalDayOfWeek' : 'DayOfWeek', count, letter);
  },
  a: (count, letter) => {
    if (count > 1) throw tooMany(letter);
    return text('AmPmOfDay', count, letter);
  },
  H: (count, letter) => oneOrTwo('HourOfDay', count, letter),
  k: (count, letter) => oneOrTwo('ClockHourOfDay', count, letter),
  K: (count, letter) => oneOrTwo('HourOfAmPm', count, letter),
  h: (count, letter) => oneOrTwo('ClockHourOfAmPm', count, letter),
  m: (count, letter) => oneOrTwo('MinuteOfHour', count, letter),
  s: (count, letter) => oneOrTwo('SecondOfMinute', count, letter),
  S: (count) => {
    if (count > 9) throw new PatternError(`Minimum width must be from 0 to 9 inclusive but was ${count}`);
    return fixed('NanoOfSecond', count);
  },
  n: (count) => padded('NanoOfSecond', count, 19),
  A: (count) => padded('MilliOfDay', count, 19),
  N: (count) => padded('NanoOfDay', count, 19),
  V: (count, letter) => zone(letter, count),
  z: (count, letter) => zone(letter, count),
  O: (count, letter) => zone(letter, count),
  X: (count, letter) => zone(letter, count),
  x: (count, letter) => zone(letter, count),
  Z: (count, letter) => zone(letter, count),
};

/** True for the fraction of a second, whose digits count from the point. */
export const isFraction = (part: NumberPart): boolean => part.field === 'NanoOfSecond' && part.max <= 9;

/** Throws PatternError. */
export function compilePattern(pattern: string): readonly Part[] {
  const stack: Builder[] = [new Builder()];
  for (let i = 0; i < pattern.length; ) i = takeOne(pattern, i, stack);
  while (stack.length > 1) close(stack);
  return stack[0]?.parts ?? [];
}

/** Takes one element at `i` and returns where the next begins. */
function takeOne(pattern: string, i: number, stack: Builder[]): number {
  const char = pattern.charAt(i);
  const top = stack[stack.length - 1] ?? new Builder();
  if (/[A-Za-z]/.test(char)) {
    const end = i + (/^(.)\1*/.exec(pattern.slice(i))?.[0].length ?? 1);
    const rule = LETTERS[char];
    if (rule === undefined) throw new PatternError(`Unknown pattern letter: ${char}`);
    top.add(rule(end - i, char));
    return end;
  }
  if (char === "'") return takeQuoted(pattern, i, top);
  if (char === '[') {
    top.settle();
    stack.push(new Builder());
  } else if (char === ']') {
    if (stack.length === 1) throw new PatternError('Pattern invalid as it contains ] without previous [');
    close(stack);
  } else if ('{}#'.includes(char)) throw new PatternError(`Pattern includes reserved character: '${char}'`);
  else top.add({ kind: 'literal', text: char });
  return i + 1;
}

function takeQuoted(pattern: string, from: number, builder: Builder): number {
  const match = /^'((?:[^']|'')*)'/.exec(pattern.slice(from));
  if (match === null) throw new PatternError(`Pattern ends with an incomplete string literal: ${pattern}`);
  const [whole, inner = ''] = match;
  builder.add({ kind: 'literal', text: inner === '' ? "'" : inner.replaceAll("''", "'") });
  return from + whole.length;
}

function close(stack: Builder[]): void {
  const inner = stack.pop();
  stack[stack.length - 1]?.add({ kind: 'optional', parts: inner?.parts ?? [] });
}

/** Parts in order; numbers that stand next to each other share out their digits. */
class Builder {
  readonly parts: Part[] = [];
  /** The number that the digits in front of fixed numbers go to. */
  #open: NumberPart | null = null;

  settle(): void {
    this.#open = null;
  }

  add(part: Part): void {
    if (part.kind !== 'number') {
      this.settle();
      this.parts.push(part);
      return;
    }
    const number = { ...part };
    this.parts.push(number);
    const isFixed = number.min === number.max && number.sign === 'NOT_NEGATIVE';
    if (this.#open === null) this.#open = number;
    else if (isFixed) {
      this.#open.following += number.max;
      number.following = -1;
    } else {
      this.#open.following = -1;
      this.#open = number;
    }
  }
}
