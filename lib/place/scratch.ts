/** Stores for the queries of a session, which leave nothing behind. */
import { memoryScratch } from '../adapters/memory/scratch.ts';
import { nodeCodec } from '../adapters/node/codec.ts';
import { nodeRuntime } from '../adapters/node/runtime.ts';
import type { OpenScratch } from '../ports/scratch.ts';

export const openScratch: OpenScratch = () => memoryScratch({ runtime: nodeRuntime, codec: nodeCodec });
