/** What the endpoints share, while a process serves them. */
import type { ControlPlane } from './control-plane.ts';
import type { Rest } from './route.ts';
import { Triggered } from './triggered.ts';

/** `onDefect` is called with what is a mistake of Sluice; clients learn nothing of it. */
export function restOn(plane: ControlPlane, onDefect: (thrown: unknown) => void): Rest {
  const options = { runtime: plane.runtime, onDefect };
  return { plane, savepoints: new Triggered<string>(options), checkpoints: new Triggered<number>(options), disposals: new Triggered<void>(options) };
}

/** Returns when the operations that were triggered have ended. */
export async function settle({ savepoints, checkpoints, disposals }: Rest): Promise<void> {
  await Promise.all([savepoints, checkpoints, disposals].map((one) => one.settle()));
}
