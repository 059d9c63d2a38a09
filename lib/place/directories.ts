/** Directories as users name them: savepoints go there, and are read from there. */
import { FileBlob } from '../adapters/file/blob.ts';
import { directoryPath } from '../adapters/file/directory.ts';
import { bucketAddressOf } from '../adapters/s3/address.ts';
import { isS3 } from '../core/s3-url.ts';
import type { Blob } from '../ports/blob.ts';
import type { Runtime } from '../ports/runtime.ts';
import { LazyBlob } from './lazy-blob.ts';

/**
 * What is stored must mean the same in every process: URLs of S3 stay as they are, anything else becomes an absolute path. Throws
 * OPTION_INVALID for other schemes.
 */
export const absoluteDirectory = (url: string): string => (isS3(url) ? url : directoryPath(url));

export const openDirectory = (url: string, runtime: Runtime): Blob => (isS3(url) ? openBucket(url, runtime) : new FileBlob(directoryPath(url), runtime));

/** Objects below `s3://BUCKET/PREFIX`. Throws OPTION_INVALID. */
export function openBucket(url: string, runtime: Runtime): Blob {
  bucketAddressOf(url); // A wrong address is the user's mistake now, not that of the first request.
  return new LazyBlob(async () => (await import('../adapters/s3/index.ts')).openS3(url, { runtime }));
}
