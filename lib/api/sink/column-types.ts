/** Values that programs give for columns of SQL types, as types: `'BIGINT NOT NULL'` takes a bigint or a number, `'STRING'` a string or null. */
import type { Instant } from '../source/instant.ts';

/** Types by the names of columns, as they stand in CREATE TABLE: `{ account: 'STRING', amount: 'DOUBLE NOT NULL' }`. */
export type Columns = Readonly<Record<string, string>>;

/** What a program gives for a row of these columns. A column that may be NULL has to be there all the same: a name that is misspelt would be NULL for ever. */
export type RowOf<C extends Columns> = { readonly [Name in keyof C]: ColumnValue<Trimmed<Uppercase<C[Name]>>> };

type Trimmed<Text extends string> = Text extends ` ${infer Rest}` | `${infer Rest} ` ? Trimmed<Rest> : Text;

type ColumnValue<Text extends string> = Text extends `${infer Type} NOT NULL${string}` ? ValueOf<Trimmed<Type>> : ValueOf<Text> | null | undefined;

/** Of types that are none of these, and of collections, whatever the program gives: it is checked when the row is made. */
type ValueOf<Type extends string> = Type extends 'STRING' | `VARCHAR${string}` | `CHAR${string}`
  ? string
  : Type extends 'BOOLEAN'
    ? boolean
    : Type extends `TIMESTAMP${string}` | 'DATE'
      ? Instant
      : Type extends `TIME${string}`
        ? string | number
        : NumberOf<Type>;

type NumberOf<Type extends string> = Type extends 'TINYINT' | 'SMALLINT' | 'INT' | 'INTEGER' | 'FLOAT' | `DOUBLE${string}`
  ? number
  : Type extends 'BIGINT'
    ? bigint | number
    : Type extends `DEC${string}` | `NUMERIC${string}`
      ? string | number | bigint
      : BinaryOf<Type>;

type BinaryOf<Type extends string> = Type extends 'BYTES' | `VARBINARY${string}` | `BINARY${string}` ? Uint8Array : CollectionOf<Type>;

type CollectionOf<Type extends string> = Type extends `ARRAY<${string}`
  ? readonly unknown[]
  : Type extends `MAP<${string}`
    ? ReadonlyMap<unknown, unknown> | Readonly<Record<string, unknown>>
    : Type extends `ROW${string}`
      ? object
      : unknown;
