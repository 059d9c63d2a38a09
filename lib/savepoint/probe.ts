/** Is a directory writable? Asked before a job is frozen for a savepoint (protocol 11.3 step 1). */
import { isError, SluiceError } from '../core/errors.ts';
import type { Blob } from '../ports/blob.ts';

/** Writes and deletes a probe object. Throws SAVEPOINT_UNWRITABLE; the job is not touched. */
export async function probeDirectory(blob: Blob, directory: string, unique: string): Promise<void> {
  const key = `sluice-probe-${unique}`;
  try {
    await blob.put(key, new Uint8Array([1]));
    await blob.remove(key);
  } catch (error) {
    throw unwritable(directory, error);
  }
}

export function unwritable(directory: string, cause: unknown): SluiceError {
  return new SluiceError('SAVEPOINT_UNWRITABLE', {
    message: `the savepoint directory ${directory} cannot be written: ${isError(cause) ? cause.message : String(cause)}`,
    hint: 'name another directory; the job goes on',
    cause,
    details: { directory },
  });
}
