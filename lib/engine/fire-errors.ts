/**
 * A FIRE that cannot be made, since code of the program or an expression fails on what it takes in: one item of the generation, which counts while the
 * coordinator log has not come to that FIRE; nobody deletes it.
 */
import { errorText } from '../core/error-text.ts';
import { isError, type SluiceError } from '../core/errors.ts';
import { fireNumber, type FireNumber, type WallTime } from '../core/numbers.ts';
import type { Ports } from '../ports/ports.ts';
import { forPeople } from './for-people.ts';
import type { Job } from './job.ts';
import { located } from './located.ts';
import { fireErrorKey } from './keys.ts';
import { openCoordinatorLog, type GenerationRef } from './log/logs.ts';
import { newestFireMark } from './log/newest-fire.ts';

export interface FireErrorItem {
  /** The FIRE that cannot be made. */
  readonly f: FireNumber;
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  /** When this error of this FIRE was met first. */
  readonly since: WallTime;
}

type ControlPorts = Pick<Ports, 'control' | 'runtime'>;

/** A process that meets the same error at every step says so again after this time, since the store may have refused it, or another process may have said something else. */
const REPEAT_MS = 60_000;

/** What one process has told of the FIREs that it cannot make. */
export class FireErrors {
  readonly #ports: ControlPorts;
  readonly #job: Pick<Job, 'id' | 'g' | 'dataflow'>;
  /** `at`: on the monotonic clock. */
  #told: { readonly f: FireNumber; readonly message: string; readonly at: number } | null = null;

  constructor(ports: ControlPorts, job: Pick<Job, 'id' | 'g' | 'dataflow'>) {
    this.#ports = ports;
    this.#job = job;
  }

  /** Runs `make`, which makes the FIRE behind `last`. Throws what it throws, `located`; an error of kind `data` is told before. */
  async watch<T>(last: FireNumber, make: () => T): Promise<T> {
    try {
      return make();
    } catch (thrown) {
      const error = located(thrown, this.#job);
      if (isError(error) && error.kind === 'data') await this.#tell(fireNumber(last + 1), error);
      throw error;
    }
  }

  async #tell(f: FireNumber, error: SluiceError): Promise<void> {
    const now = this.#ports.runtime.elapsed();
    const message = errorText(error.message);
    if (this.#told?.f === f && this.#told.message === message && now - this.#told.at < REPEAT_MS) return;
    this.#told = { f, message, at: now };
    await forPeople(() => this.#record(f, error));
  }

  async #record(f: FireNumber, { code, message, hint }: SluiceError): Promise<void> {
    const { control, runtime } = this.#ports;
    const item: FireErrorItem = { f, code, message: errorText(message), hint: hint === undefined ? null : errorText(hint), since: runtime.now() };
    const known = await fireErrorOf(this.#ports, this.#job);
    if (known?.f === f && known.message === item.message) return;
    await control.put(fireErrorKey(this.#job.id, this.#job.g), JSON.stringify(item), 'any');
  }
}

/** What is remembered of a generation; it may be over. */
export async function fireErrorOf(ports: Pick<Ports, 'control'>, { id, g }: Pick<Job, 'id' | 'g'>): Promise<FireErrorItem | null> {
  const item = await ports.control.get(fireErrorKey(id, g));
  return item === null ? null : JSON.parse(item.body);
}

/** Has the log not come to the FIRE that `item` names? */
export async function isFireMissing(ports: Pick<Ports, 'log' | 'runtime' | 'codec'>, job: GenerationRef, { f }: FireErrorItem): Promise<boolean> {
  const mark = await newestFireMark(openCoordinatorLog(ports, job));
  if (mark === null) return true;
  return (mark.kind === 'ACK' ? mark.f : mark.position.f) < f;
}
