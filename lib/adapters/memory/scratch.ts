/** Stores in memory whose size is known, and that forget what nobody needs. */
import type { Codec, Runtime } from '../../ports/runtime.ts';
import type { Scratch } from '../../ports/scratch.ts';
import { memoryPorts } from './index.ts';

export function memoryScratch(parts: { readonly runtime: Runtime; readonly codec: Codec }): Scratch {
  const { log, control, chunks, blob, openDirectory, offsets, consumers } = memoryPorts(parts);
  return {
    ports: { log, control, chunks, blob, openDirectory, offsets, consumers },
    get bytes() {
      return log.bytes + chunks.bytes + blob.bytes;
    },
    keep: (needs) => {
      log.forget((key, { seq }) => seq < (needs.from.get(key) ?? 0));
      chunks.forget((_, key) => !needs.chunks.has(key));
      blob.forget(({ key }) => !needs.chunks.has(key));
    },
  };
}
