/** Sizes as Flink's options write them (MemorySize.parse): `128MB`, `1 kb`; a bare number is bytes, and a kilobyte has 1024. */
const UNIT_NAMES: readonly (readonly [number, readonly string[]])[] = [
  [1, ['', 'b', 'bytes']],
  [2 ** 10, ['k', 'kb', 'kibibytes']],
  [2 ** 20, ['m', 'mb', 'mebibytes']],
  [2 ** 30, ['g', 'gb', 'gibibytes']],
  [2 ** 40, ['t', 'tb', 'tebibytes']],
];

const UNITS: ReadonlyMap<string, number> = new Map(UNIT_NAMES.flatMap(([bytes, names]) => names.map((name) => [name, bytes] as const)));

/** Bytes, or null if the text is no size. */
export function parseMemorySize(text: string): number | null {
  const [, digits = '', unit = '?'] = /^(\d+)\s*(\D*)$/.exec(text.trim()) ?? [];
  const bytes = Number(digits) * (UNITS.get(unit.trim().toLowerCase()) ?? NaN);
  return digits !== '' && Number.isSafeInteger(bytes) ? bytes : null;
}
