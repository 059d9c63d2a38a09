/** Directories as users name them: savepoints go there, and are read from there. */
import { FileBlob } from '../adapters/file/blob.ts';
import { directoryPath } from '../adapters/file/directory.ts';
import type { Blob } from '../ports/blob.ts';
import type { Runtime } from '../ports/runtime.ts';

/** What is stored must mean the same in every process. Throws OPTION_INVALID for schemes that nobody knows. */
export const absoluteDirectory = (url: string): string => directoryPath(url);

export const openDirectory = (url: string, runtime: Runtime): Blob => new FileBlob(directoryPath(url), runtime);
