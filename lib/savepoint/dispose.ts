/** Deleting a savepoint: `_metadata` first, so that a half-deleted directory is never taken for one (protocol 14.1). */
import { METADATA } from './name.ts';
import { readMetadata } from './open.ts';
import type { SavepointPorts } from './write.ts';

const PAGE = 1000;

/** `blob` is rooted at the savepoint's directory. Refuses a directory that is not a savepoint (SAVEPOINT_NOT_FOUND). */
export async function disposeSavepoint(ports: SavepointPorts, directory: string): Promise<void> {
  await readMetadata(ports, directory);
  await ports.blob.remove(METADATA);
  for (let page = await ports.blob.list('', { after: '', limit: PAGE }); page.length > 0; page = await ports.blob.list('', { after: '', limit: PAGE })) {
    for (const { key } of page) await ports.blob.remove(key);
  }
}
