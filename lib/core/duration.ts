/** Durations as Flink's options write them (TimeUtils.parseDuration): `10s`, `1 min`, `500 ms`; a bare number is milliseconds. */
const UNIT_NAMES: readonly (readonly [number, readonly string[]])[] = [
  [86_400_000, ['d', 'day', 'days']],
  [3_600_000, ['h', 'hour', 'hours']],
  [60_000, ['m', 'min', 'minute', 'minutes']],
  [1000, ['s', 'sec', 'secs', 'second', 'seconds']],
  [1, ['', 'ms', 'milli', 'millis', 'millisecond', 'milliseconds']],
  [0.001, ['µs', 'micro', 'micros', 'microsecond', 'microseconds']],
  [0.000001, ['ns', 'nano', 'nanos', 'nanosecond', 'nanoseconds']],
];

const UNITS: ReadonlyMap<string, number> = new Map(UNIT_NAMES.flatMap(([ms, names]) => names.map((name) => [name, ms] as const)));

/** Milliseconds of a duration, or null if the text is none. */
export function parseDuration(text: string): number | null {
  const match = /^(\d+)\s*(\D*)$/.exec(text.trim());
  const unit = UNITS.get(match?.[2]?.trim().toLowerCase() ?? '?');
  const ms = Number(match?.[1]) * (unit ?? NaN);
  return Number.isFinite(ms) ? ms : null;
}

/** The shortest way to write a duration: `10 s`, `1 min`, `1500 ms`. */
export function durationText(ms: number): string {
  const units: readonly (readonly [number, string])[] = [[86_400_000, 'd'], [3_600_000, 'h'], [60_000, 'min'], [1000, 's']];
  const unit = units.find(([size]) => ms !== 0 && ms % size === 0);
  return unit === undefined ? `${ms} ms` : `${ms / unit[0]} ${unit[1]}`;
}
