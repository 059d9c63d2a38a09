/** The files of a table in the order in which they came, each with its place in one sequence of bytes. */
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isError, SluiceError } from '../../core/errors.ts';
import { murmur3 } from '../../core/hash.ts';
import type { FileTable } from '../../core/plan.ts';
import { isHiddenName, partitionNames, partitionValues } from '../../core/table-files.ts';

export interface ListedFile {
  /** Absolute. */
  readonly path: string;
  readonly size: number;
  /** Epoch ns. */
  readonly modifiedAt: bigint;
  /** Values of the partition columns, by name. */
  readonly partition: Readonly<Record<string, string | null>>;
  /** Where its bytes begin in the sequence; behind its last byte there is one place that belongs to it too. */
  readonly begin: number;
  /** Tells this file and all before it from others: changes with the path, the size and the time of any of them. Below `CHECKS`. */
  readonly check: number;
}

/** How many values `check` has. */
export const CHECKS = 65_535;

interface FoundFile extends Pick<ListedFile, 'path' | 'size' | 'modifiedAt'> {
  /** When it came to where it is, or was changed, epoch ns: a file that is moved or renamed comes then. */
  readonly cameAt: bigint;
  /** Below the path of the table. */
  readonly name: string;
}

/**
 * Files that came before `before` (epoch ms), the earliest first, of equal ones the first by name. What begins with `_` or `.` is hidden, and an empty file is none.
 * Throws FILE_UNREADABLE where there is nothing at the path, OPTION_INVALID for compressed files.
 */
export async function listFiles(table: FileTable, before: number): Promise<ListedFile[]> {
  const limit = BigInt(Math.floor(Math.min(before, Number.MAX_SAFE_INTEGER))) * 1_000_000n;
  const found = (await filesAt(table.path)).filter((file) => file.size > 0 && file.cameAt < limit).sort(inOrder);
  const listed: ListedFile[] = [];
  let begin = 0;
  let hash = 0;
  for (const { path, name, size, modifiedAt } of found) {
    if (!isInPartition(name, table)) continue;
    requirePlain(path);
    const values = partitionValues(name, table.partitionedBy, table.defaultPartition);
    const partition = Object.fromEntries(table.partitionedBy.map((column, i) => [column, values[i] ?? null]));
    hash = murmur3(`${name}|${size}|${modifiedAt}`, hash);
    listed.push({ path, size, modifiedAt, partition, begin, check: hash % CHECKS });
    begin += size + 1;
  }
  return listed;
}

/** Files of a table with partitions lie in a folder for each of its columns, in their order; what lies elsewhere is none of them, as in Flink. */
const isInPartition = (name: string, { partitionedBy }: FileTable): boolean => partitionNames(name).slice(0, partitionedBy.length).join('/') === partitionedBy.join('/');

const inOrder = (a: FoundFile, b: FoundFile): number => (a.cameAt === b.cameAt ? (a.name < b.name ? -1 : 1) : a.cameAt < b.cameAt ? -1 : 1);

async function filesAt(path: string): Promise<FoundFile[]> {
  const there = await reading(path, () => stat(path, { bigint: true }));
  return there.isDirectory() ? filesIn(path, '') : [foundFile(path, basename(path), there)];
}

/** `below`: the folders in between, with a slash behind each. */
async function filesIn(root: string, below: string): Promise<FoundFile[]> {
  const directory = join(root, below);
  const names = (await reading(directory, () => readdir(directory))).filter((name) => !isHiddenName(name));
  const found: FoundFile[] = [];
  for (const name of names) {
    const path = join(directory, name);
    const there = await reading(path, () => stat(path, { bigint: true }));
    if (there.isDirectory()) found.push(...(await filesIn(root, `${below}${name}/`)));
    else if (there.isFile()) found.push(foundFile(path, below + name, there));
  }
  return found;
}

interface FileStatus {
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

const foundFile = (path: string, name: string, { size, mtimeNs, ctimeNs }: FileStatus): FoundFile => ({ path, name, size: Number(size), modifiedAt: mtimeNs, cameAt: ctimeNs });

/** What the file system says, or FILE_UNREADABLE in place of its errors. */
export async function reading<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (isError(cause)) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SluiceError('FILE_UNREADABLE', { message: `cannot read '${path}': ${why}`, hint: "Check the 'path' of the table, and who may read it.", cause, details: { path } });
  }
}

function requirePlain(path: string): void {
  if (!/\.(gz|gzip|bz2|xz|zst|zstd|zip|deflate)$/i.test(path)) return;
  throw new SluiceError('OPTION_INVALID', { message: `'${path}' is compressed, which Sluice does not read`, hint: 'Unpack it, or move it out of the directory.' });
}
