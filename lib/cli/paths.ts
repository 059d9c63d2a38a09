/** Paths as users give them. What is stored must mean the same in every process, so it is absolute. */
import { nodeCodec } from '../adapters/node/codec.ts';
import { nodeRuntime } from '../adapters/node/runtime.ts';
import { savepointDirectoryOf } from '../control/operations.ts';
import type { JobId } from '../core/numbers.ts';
import { absoluteDirectory, openDirectory } from '../place/directories.ts';
import type { Blob } from '../ports/blob.ts';
import type { Codec } from '../ports/runtime.ts';
import type { Place } from './context.ts';

/** The absolute path of a path or `file:` URL, or a URL of S3; OPTION_INVALID for anything else. */
export const userPath = absoluteDirectory;

/** Where the savepoints of a job go: as given, as its options say, or where those of the place go. */
export async function savepointDirectory({ workshop, savepoints }: Place, job: JobId, given: string | undefined): Promise<string> {
  return userPath(given ?? (await savepointDirectoryOf(workshop, job)) ?? savepoints);
}

/** What is needed to open the savepoint at an absolute path. */
export const savepointAt = (path: string): { blob: Blob; codec: Codec } => ({ blob: openDirectory(path, nodeRuntime), codec: nodeCodec });
