/** Bodies of requests, up to a size. */

export const BODY_MAX = 1024 * 1024;

/** Null for one that is larger; it is read to its end all the same, or a client that still sends would not see the answer. */
export async function bodyOf(parts: AsyncIterable<Uint8Array>, max = BODY_MAX): Promise<Uint8Array | null> {
  let kept: Uint8Array[] = [];
  let size = 0;
  for await (const part of parts) {
    size += part.length;
    if (size > max) kept = [];
    else kept.push(part);
  }
  return size > max ? null : Buffer.concat(kept);
}
