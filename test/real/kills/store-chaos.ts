/** Throttling, errors, lost answers and delays of the store, a few requests at a time. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Prng } from '../../simulation/prng.ts';
import type { Fault } from '../proxy/faults.ts';
import type { HttpProxy } from '../proxy/http-proxy.ts';

const PAUSE_MAX_MS = 6000;
const WHEN = ['before', 'after'] as const;

/** Calls `count` for each. */
export async function harassStore(proxy: HttpProxy, prng: Prng, count: (what: string) => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(prng.below(PAUSE_MAX_MS));
    const [fault, times] = drawn(prng);
    proxy.inject({ fault, times });
    count(`store ${fault.kind}`);
  }
}

function drawn(prng: Prng): [fault: Fault, times: number] {
  const when = prng.pick(WHEN);
  switch (prng.pick(['throttle', 'failure', 'cut', 'delay'] as const)) {
    case 'throttle':
      return [{ kind: 'throttle', error: prng.pick(['ProvisionedThroughputExceededException', 'ThrottlingException'] as const) }, prng.between(3, 25)];
    case 'failure':
      return [{ kind: 'failure', when }, prng.between(1, 4)];
    case 'cut':
      return [{ kind: 'cut', when }, prng.between(1, 4)];
    case 'delay':
      return [{ kind: 'delay', ms: prng.below(1500), when }, prng.between(1, 10)];
  }
}
