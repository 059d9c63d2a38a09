/** How many tasks jobs have. A list of a thousand jobs does not read a thousand plans for it: a plan never changes under its hash. */
import { isError } from '../../../core/errors.ts';
import type { JobSummary } from '../../summary.ts';
import type { ControlPlane } from '../control-plane.ts';
import { countVertices } from './vertices.ts';

/** A number for each. */
const KEPT_MAX = 10_000;

export class TaskCounts {
  readonly #plane: Pick<ControlPlane, 'plan'>;
  /** By the hash of the plan. */
  readonly #counts = new Map<string, number>();

  constructor(plane: Pick<ControlPlane, 'plan'>) {
    this.#plane = plane;
  }

  /** 0 of a job whose plan cannot be read: one such job does not keep the others from being listed. */
  async of({ id, planHash }: Pick<JobSummary, 'id' | 'planHash'>): Promise<number> {
    return this.#counts.get(planHash) ?? this.#count(id);
  }

  async #count(id: JobSummary['id']): Promise<number> {
    try {
      const { plan, planHash } = await this.#plane.plan(id);
      const count = countVertices(plan);
      if (this.#counts.size >= KEPT_MAX) this.#counts.clear();
      this.#counts.set(planHash, count);
      return count;
    } catch (error) {
      if (!isError(error)) throw error;
      return 0;
    }
  }
}
