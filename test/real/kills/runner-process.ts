/**
 * A runner of functions in a process of its own, as `sluice up` is one, whose sandboxes and event source are struck by faults:
 * `node runner-process.ts BUNDLES SEED calm|wild`. It writes a line of JSON for each of them, and ends by SIGTERM.
 */
import { nodeRuntime } from '../../../lib/adapters/node/runtime.ts';
import { openEventSources } from '../../../lib/local/event-source/event-sources.ts';
import { faultsOf, NO_FAULTS, type FaultKind, type Faults } from '../../../lib/local/event-source/faults.ts';
import { kafkaConsumers } from '../../../lib/local/event-source/kafka-consumer.ts';
import { runFunctions } from '../../../lib/local/function-runner/run-functions.ts';
import { LocalFunctions } from '../../../lib/local/sandbox/local-functions.ts';
import { openRealPlace } from '../../../lib/place/real.ts';
import { Prng } from '../../simulation/prng.ts';
import { SandboxChaos, type Struck } from './sandbox-chaos.ts';

export type Told = Struck | { readonly kind: 'fault'; readonly name: FaultKind } | { readonly kind: 'note'; readonly text: string };

const RATES = { duplicate: 0.02, overlap: 0.02, lostCommit: 0.02, lateCommit: 0.02, recut: 0.03 } as const;
const BATCH_SIZE = 2000;
const WRITERS = 3;

const [bundles = '', seed = '', mood = ''] = process.argv.slice(2);
const isWild = mood === 'wild';
const prng = new Prng(Number(seed));
const tell = (told: Told): void => void process.stdout.write(`${JSON.stringify(told)}\n`);
const note = (event: object): void => tell({ kind: 'note', text: JSON.stringify(event) });

/** Those of the seed, and told. */
function faults(): Faults {
  const drawn = faultsOf(RATES, { ...nodeRuntime, randomHex: (bytes) => prng.hex(bytes) });
  const strikes = (name: FaultKind): boolean => {
    const isStruck = drawn.strikes(name);
    if (isStruck) tell({ kind: 'fault', name });
    return isStruck;
  };
  return { strikes, below: drawn.below };
}

const urls = { store: process.env['SLUICE_STORE'] ?? '', blobs: process.env['SLUICE_BLOBS'] ?? '', kafka: process.env['SLUICE_KAFKA'] ?? '' };
const environment = Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (name.startsWith('AWS_') && value !== undefined ? [[name, value]] : [])));

const ending = new AbortController();
process.once('SIGTERM', () => ending.abort());
// A test run that was killed leaves no runner behind.
process.stdin.once('end', () => process.exit(1)).resume();
const place = openRealPlace(urls);
await runFunctions({
  workshop: place.workshop,
  urls,
  bundles,
  environment,
  once: false,
  signal: ending.signal,
  tickMs: 500,
  writers: WRITERS,
  batchSize: BATCH_SIZE,
  onEvent: (event) => note('error' in event && event.error !== null ? { kind: event.kind, code: event.error.code, message: event.error.message } : event),
  openEventSources: (target) => {
    if (!(target instanceof LocalFunctions)) throw new Error('the functions run in sandboxes');
    const chaos = new SandboxChaos(target, new Prng(Number(seed) + 1), tell);
    if (isWild) void chaos.run(ending.signal);
    return openEventSources({
      target,
      open: kafkaConsumers({ runtime: nodeRuntime }),
      runtime: nodeRuntime,
      faults: isWild ? faults() : NO_FAULTS,
      onEvent: (_, event) => {
        if (event.kind === 'processed') chaos.processed();
        else note(event);
      },
    });
  },
});
await place.close();
process.stdin.destroy();
