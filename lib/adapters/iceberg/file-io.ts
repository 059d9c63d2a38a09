/** Files of a table by the absolute locations that Iceberg stores: `file:///…`, `file:/…`, a plain path, `s3://…`. */
import type { Blob } from '../../ports/blob.ts';

/** A location or URL to which `/…` is added. */
export const withoutSlash = (location: string): string => location.replace(/\/+$/, '');

/** Where a file lies: `key` in `blob`. A location that ends with `/` is a directory, whose `key` is a prefix: empty, or ending with `/`. */
export interface FileAt {
  readonly blob: Blob;
  readonly key: string;
}

/** Opens nothing and asks nobody yet. Throws OPTION_INVALID for locations that this process cannot reach. */
export interface FileIO {
  at(location: string): FileAt;
}

/** The whole file; null if it is not there. */
export function readFile(io: FileIO, location: string): Promise<Uint8Array | null> {
  const { blob, key } = io.at(location);
  return blob.get(key);
}

/** True if the file was created, false if the name is taken: nothing is ever overwritten. */
export async function createFile(io: FileIO, location: string, bytes: Uint8Array): Promise<boolean> {
  const { blob, key } = io.at(location);
  return (await blob.put(key, bytes)).kind === 'created';
}

/** A warehouse, where namespaces and tables are directories. Locations of directories end with `/`. */
export interface WarehouseIO extends FileIO {
  /** Names of the directories directly below a directory; in no order, empty if there is none. */
  directories(location: string): Promise<readonly string[]>;
  /** Does nothing if it exists. Where directories are but prefixes of keys, an empty object stands for an empty one. */
  makeDirectory(location: string): Promise<void>;
  /** Removes a directory without files, with the empty ones below it; one that does not exist is removed already. */
  removeDirectory(location: string): Promise<void>;
}
