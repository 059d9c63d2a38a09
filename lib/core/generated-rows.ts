/** What a table of `'connector' = 'datagen'` generates, as plain data of the plan. */

/** Partition q of P has the rows q, q + P, q + 2P …, as the subtasks of Flink's source do. */
export interface GeneratedRows {
  /** Of all partitions together. */
  readonly rowsPerSecond: number;
  readonly partitions: number;
  /** How many there are in all; null: without end. */
  readonly count: number | null;
  /** In the order of the columns. */
  readonly fields: readonly GeneratedField[];
}

export interface GeneratedField {
  readonly name: string;
  readonly values: FieldGenerator;
}

/** `nullRate`: the share of values that are NULL, 0 to 1; absent: none. */
export type FieldGenerator = { readonly nullRate?: number } & GeneratorKind;

type GeneratorKind =
  /** The number of the row, counted from `start`: a number, its digits, or its eight bytes. */
  | { readonly kind: 'sequence'; readonly start: string; readonly as: 'number' | 'text' | 'bytes' }
  | { readonly kind: 'boolean' }
  /** Whole numbers from `min` to `max`, both included; in digits, since a BIGINT is no JSON number. */
  | { readonly kind: 'integer'; readonly min: string; readonly max: string }
  | { readonly kind: 'double'; readonly min: number; readonly max: number }
  | { readonly kind: 'decimal'; readonly min: number; readonly max: number; readonly precision: number; readonly scale: number }
  /** Hexadecimal digits; `varies`: 1 to `length` of them. */
  | { readonly kind: 'text' | 'bytes'; readonly length: number; readonly varies?: true }
  /** Up to `maxPastMs` before the clock. */
  | { readonly kind: 'timestamp'; readonly precision: number; readonly isLocal: boolean; readonly maxPastMs: number }
  /** Those of the clock, in UTC. */
  | { readonly kind: 'date' }
  | { readonly kind: 'time'; readonly precision: number }
  | { readonly kind: 'array'; readonly length: number; readonly element: FieldGenerator }
  /** Of entries with the same key one is left. */
  | { readonly kind: 'map'; readonly length: number; readonly key: FieldGenerator; readonly value: FieldGenerator }
  | { readonly kind: 'row'; readonly fields: readonly GeneratedField[] };
