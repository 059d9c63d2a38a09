/** What a table shows of the file that a row is in: its metadata columns, and those of the partition. */
import { basename } from 'node:path';
import type { ListedFile } from './file-list.ts';

/** A JSON object, whose fields are those of `FILE_METADATA` and the partition columns. */
export function fileKey({ path, size, modifiedAt, partition }: ListedFile): string {
  const modified = new Date(Number(modifiedAt / 1_000_000n)).toISOString().replace('T', ' ');
  return JSON.stringify({ ...partition, 'file.path': path, 'file.name': basename(path), 'file.size': size, 'file.modification-time': modified });
}
