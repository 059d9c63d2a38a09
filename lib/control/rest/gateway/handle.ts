/** Handles of sessions and operations: UUIDs, which clients parse. */
import type { Runtime } from '../../../ports/runtime.ts';

/** Random, as version 4 of UUIDs is. */
export function newHandle(runtime: Pick<Runtime, 'randomHex'>): string {
  const hex = runtime.randomHex(16);
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20)].join('-');
}
