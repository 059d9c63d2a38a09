/** Deleting a savepoint: `_metadata` first, so that a half-deleted directory is never taken for one (protocol 14.1). */
import { isDataFile, METADATA } from './name.ts';
import { describeSavepoint, listAll, type SavepointPorts } from './verify.ts';

/**
 * `blob` is rooted at the savepoint's directory. Refuses a directory that is not a savepoint (SAVEPOINT_NOT_FOUND); files that somebody
 * else put there stay.
 */
export async function disposeSavepoint(ports: SavepointPorts, directory: string): Promise<void> {
  await describeSavepoint(ports, directory);
  await ports.blob.remove(METADATA);
  for (const { key } of await listAll(ports.blob)) if (isDataFile(key)) await ports.blob.remove(key);
}
