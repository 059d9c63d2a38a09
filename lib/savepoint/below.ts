/** A directory of an object store as a store of its own. */
import type { Blob, BlobInfo } from '../ports/blob.ts';

/** The objects of `blob` below `directory`, under the rest of their keys. */
export function blobBelow(blob: Blob, directory: string): Blob {
  const prefix = `${directory}/`;
  const inside = (info: BlobInfo): BlobInfo => ({ ...info, key: info.key.slice(prefix.length) });
  return {
    put: async (key, bytes) => {
      const put = await blob.put(prefix + key, bytes);
      return put.kind === 'created' ? put : { ...put, info: inside(put.info) };
    },
    renew: (key, bytes) => blob.renew(prefix + key, bytes),
    get: (key, range) => blob.get(prefix + key, range),
    list: async (start, page) => (await blob.list(prefix + start, { ...page, after: page.after && prefix + page.after })).map(inside),
    remove: (key) => blob.remove(prefix + key),
  };
}
