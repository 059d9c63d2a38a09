/** What operators do in the middle of it all, to the job and to the servers. */
import { cancelJob, createJob, resumeJob, stopJob, takeSavepoint } from '../../../lib/control/operations.ts';
import type { JobId } from '../../../lib/core/numbers.ts';
import { readControl, readPlan, type Workshop } from '../../../lib/engine/lifecycle/job-control.ts';
import type { Prng } from '../../simulation/prng.ts';
import type { HttpProxy } from '../proxy/http-proxy.ts';
import { restart } from '../servers.ts';

const OUTAGE_MS = 4000;
const RULES = { plan: null, allowNonRestored: false, allowOffsetGap: false } as const;

export interface OperatorParts {
  readonly workshop: Workshop;
  /** Where savepoints go. */
  readonly savepoints: string;
  /** In front of the store of the runners. */
  readonly proxy: HttpProxy;
  readonly prng: Prng;
}

export const OPERATIONS = ['savepoint', 'stop and resume', 'cancel and resume', 'broker restart', 'store outage'] as const;
type Operation = (typeof OPERATIONS)[number];

export class Operator {
  readonly #parts: OperatorParts;
  /** The job that is worked on; another one from the fork on. */
  id: JobId;

  constructor(id: JobId, parts: OperatorParts) {
    this.id = id;
    this.#parts = parts;
  }

  /** Every operation `times` times, in an order of the seed's. */
  plan(times: number): Operation[] {
    const { prng } = this.#parts;
    return OPERATIONS.flatMap((name) => Array.from({ length: times }, () => ({ name, place: prng.next() })))
      .sort((a, b) => a.place - b.place)
      .map(({ name }) => name);
  }

  async perform(operation: Operation): Promise<void> {
    switch (operation) {
      case 'savepoint':
        return void (await this.savepoint());
      case 'stop and resume':
        await this.stop(false);
        return this.#resume((await readControl(this.#parts.workshop.ports, this.id)).control.savepoints[0]?.path ?? '');
      case 'cancel and resume':
        await cancelJob(this.#parts.workshop, this.id);
        return this.#resume(null);
      case 'broker restart':
        return restart('kafka', this.#parts.prng.pick(['SIGTERM', 'SIGKILL'] as const));
      case 'store outage':
        return this.#parts.proxy.outage(OUTAGE_MS);
    }
  }

  savepoint(): Promise<string> {
    return takeSavepoint(this.#parts.workshop, this.id, this.#parts.savepoints);
  }

  async stop(drain: boolean): Promise<void> {
    await stopJob(this.#parts.workshop, this.id, { directory: this.#parts.savepoints, drain });
  }

  /** Another job takes over where a savepoint is, which lies behind what this one has done since. */
  async cancelAndFork(savepoint: string): Promise<void> {
    const { workshop } = this.#parts;
    await cancelJob(workshop, this.id);
    const { control } = await readControl(workshop.ports, this.id);
    this.id = await createJob(workshop, await readPlan(workshop.ports, this.id, control.planHash), { savepoint, allowNonRestored: false });
  }

  async #resume(savepoint: string | null): Promise<void> {
    await resumeJob(this.#parts.workshop, this.id, { savepoint, ...RULES });
  }
}

/** The FIRE that a savepoint stands behind. */
export async function fireOf({ ports }: Workshop, savepoint: string): Promise<number> {
  const bytes = await ports.openDirectory(savepoint).get('_metadata');
  return Number(JSON.parse(Buffer.from(bytes ?? []).toString()).position.f);
}
