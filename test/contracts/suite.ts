/** How a law suite is written: named laws, run by every adapter of a port; what an adapter does not keep is named with its reason. */
import { describe, onTestFinished, test } from 'vitest';

/** Name of a law → why this adapter does not keep it. A gap that closes fails the run, so that the list stays true. */
export type Gaps = Readonly<Record<string, string>>;

/** States one law. */
export type Law = (name: string, body: () => Promise<void>) => void;

export interface Closable {
  close?(): void | Promise<void>;
}

/** Makes a fresh world for one test; it is closed after the test. */
export type Make<T extends Closable> = () => Promise<T> | T;

/** Runs the laws of a port; refuses gaps that no law bears. */
export function suite(name: string, gaps: Gaps, define: (law: Law) => void): void {
  describe(name, () => {
    const unknown = new Set(Object.keys(gaps));
    define((title, body) => {
      unknown.delete(title);
      if (gaps[title] === undefined) test(title, body);
      else test.fails(`${title} [gap: ${gaps[title]}]`, body);
    });
    if (unknown.size > 0) throw new Error(`no such law: ${[...unknown].join(', ')}`);
  });
}

/** Opens what `make` makes for the current test. */
export async function opened<T extends Closable>(make: Make<T>): Promise<T> {
  const world = await make();
  onTestFinished(async () => world.close?.());
  return world;
}

/** `count` results of `attempt`, all under way at once. */
export const race = <T>(count: number, attempt: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => attempt(i)));

/** Every byte value once: what an encoding by text would damage. */
export const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, i) => i);

/** Text that a wrong encoding or a wrong escape would damage. */
export const HARD_TEXT = '{"a":"\\u0000 ä € 😀 \\" \u2028","b":[1e400,-0]}';

/** As a plain array, so that a Buffer equals a Uint8Array. */
export const bytesOf = (bytes: Uint8Array | null | undefined): number[] | null => (bytes ? [...bytes] : null);

/** Two handles on one store, as two processes have them; the same object where a store has no handles. */
export interface TwoHandles<Port> extends Closable {
  readonly first: Port;
  readonly second: Port;
}
