/**
 * The files of a `filesystem` table (protocol section 7, "Files"), as the sink writes and queries read them.
 *
 * `<partition>/<job>-<uid>-g<g>-f<f>-<k>.<ext>`. A FIRE that fits into one file is file 0. Files 1 to n of a FIRE that needs several count only
 * when its manifest, `_manifest/<job>-<uid>-g<g>-f<f>.json`, names them: it is written last. Names without `=`: readers take that for a
 * partition; `_` in front hides a folder from Hive, Spark and Flink.
 */
import { SluiceError } from './errors.ts';
import { csvFormatOf, type CsvFormat } from './format/csv-format.ts';
import { javaText } from './java-text.ts';
import type { JobId } from './numbers.ts';
import type { SinkNode } from './plan.ts';
import type { Column, Row } from './types.ts';

export type TableFormat = { readonly kind: 'json' } | { readonly kind: 'csv'; readonly csv: CsvFormat } | { readonly kind: 'parquet' };

const EXTENSIONS = { json: 'ndjson', csv: 'csv', parquet: 'parquet' } as const;
export const TABLE_FORMATS: readonly string[] = Object.keys(EXTENSIONS);

export const extensionOf = ({ kind }: TableFormat): string => EXTENSIONS[kind];

/** The format of a WITH clause; json where it names none. Throws OPTION_INVALID. */
export function tableFormatOf(options: Readonly<Record<string, string>>): TableFormat {
  const kind = options['format'] ?? 'json';
  if (kind === 'json' || kind === 'parquet') return { kind };
  if (kind === 'csv') return { kind, csv: csvFormatOf(options) };
  throw new SluiceError('OPTION_INVALID', { message: `no files of the format '${kind}'`, hint: `The formats are ${TABLE_FORMATS.join(', ')}.` });
}

export const MANIFESTS = '_manifest/';

/** What the names of a FIRE's files begin with. */
export const fireName = (job: JobId, { uid }: Pick<SinkNode, 'uid'>, { g, f }: { g: number; f: number }): string => `${job}-${uid}-g${g}-f${f}`;

/** Lists the files of a FIRE that has several; JSON. */
export interface FireManifest {
  readonly files: readonly ManifestFile[];
}

export interface ManifestFile {
  /** Relative to the table. */
  readonly path: string;
  readonly rows: number;
  readonly bytes: number;
}

export const manifestKey = (fire: string): string => `${MANIFESTS}${fire}.json`;

/** FIRE and number of a file that the sink has written. */
const WRITTEN = /(?:^|\/)([0-9a-f]{32}-[A-Za-z0-9_-]+-g\d+-f\d+)-(\d+)\.[a-z]+$/;

/**
 * Which of these keys are data; `several`: FIREs whose manifests say which files count. Files of other writers are taken as they are.
 * `manifests` are keys that were listed before `keys`, so that all files which they name are among those, if nobody has removed them.
 */
export function visibleFiles(keys: readonly string[], manifests: readonly string[], format: TableFormat): { readonly files: readonly string[]; readonly several: readonly string[] } {
  const known = new Set(manifests);
  const data = keys.filter((key) => key.endsWith(`.${extensionOf(format)}`) && !isHidden(key));
  const partial = data.flatMap((key) => (isWhole(key) ? [] : [WRITTEN.exec(key)?.[1] ?? '']));
  return { files: data.filter(isWhole), several: [...new Set(partial)].filter((fire) => known.has(manifestKey(fire))) };
}

const isWhole = (key: string): boolean => (WRITTEN.exec(key)?.[2] ?? '0') === '0';

/** As Flink reads tables: no part of the path begins with `_` or `.`. A partition's own name does not, since the column comes first. */
const isHidden = (key: string): boolean => key.split('/').some(isHiddenName);

/** Of a file or folder. */
export const isHiddenName = (name: string): boolean => (name.startsWith('_') && !name.includes('=')) || name.startsWith('.');

/** Where the sink puts NULL and the empty text (`partition.default-name`). */
export const DEFAULT_PARTITION = '__DEFAULT_PARTITION__';

/** What Flink escapes in the name of a partition (PartitionPathUtils): control characters of ASCII, and these. */
const ESCAPED = /[\p{ASCII}&&[\p{Cc}"#%'*\/:=?\\\{\[\]^]]/gv;

/** `column=value/column=value/`, as Flink writes it; '' for a table without partitions. */
export function partitionPath(columns: readonly Column[], indexes: readonly number[], row: Row, nullName: string): string {
  return indexes.map((i) => `${escapeName(columns[i]?.name ?? '')}=${escapeName(valueName(columns[i], row[i] ?? null, nullName))}/`).join('');
}

const valueName = (column: Column | undefined, value: Row[number], nullName: string): string =>
  value === null || column === undefined ? nullName : javaText(column.type, value) || nullName;

const escapeName = (text: string): string => text.replace(ESCAPED, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);

const unescapeName = (text: string): string => text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/** The columns that the folders of a file name, in their order; '' for a folder that names none. */
export const partitionNames = (key: string): readonly string[] => key.split('/').slice(0, -1).map((part) => unescapeName(part.slice(0, Math.max(0, part.indexOf('=')))));

/** What the path of a file says of partition columns, null for NULL; a column that it does not name is NULL. */
export function partitionValues(key: string, columns: readonly string[], nullName: string): readonly (string | null)[] {
  const parts = new Map(key.split('/').slice(0, -1).map((part) => [unescapeName(part.slice(0, part.indexOf('='))), unescapeName(part.slice(part.indexOf('=') + 1))]));
  return columns.map((column) => {
    const value = parts.get(column) ?? nullName;
    return value === nullName ? null : value;
  });
}
