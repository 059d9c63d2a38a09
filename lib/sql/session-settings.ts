/** What SET has put in force in a session. */
import type { TimeZone } from '../core/time/zone.ts';
import { sessionZone, UTC } from '../core/time/zone-id.ts';
import type { ResetOption, SetOption } from './ast.ts';
import { zoneOfSession } from './plan-zone.ts';
import { checkSessionOption, currentKey, isSessionOption } from './session-options.ts';

const RUNTIME_MODE = 'execution.runtime-mode';
const SAVEPOINT_DIR = 'execution.checkpointing.savepoint-dir';
const RECOVERY_PATH = 'execution.state-recovery.path';
const DML_SYNC = 'table.dml-sync';
const IGNORE_UNCLAIMED = 'execution.state-recovery.ignore-unclaimed-state';

export class SessionSettings {
  /** What the session was opened with, by Flink's present name: the configuration of a client, most of whose keys are none of Sluice's business. */
  readonly #given: ReadonlyMap<string, string>;
  /** By Flink's present name. */
  readonly #options: Map<string, string>;

  /** Throws OPTION_INVALID for a wrong value of a key that has a meaning here. */
  constructor(given: Readonly<Record<string, string>> = {}) {
    this.#given = new Map(Object.entries(given).map(([key, value]) => [currentKey(key), isSessionOption(key) ? checkSessionOption(key, value) : value]));
    this.#options = new Map(this.#given);
  }

  /** Throws OPTION_INVALID for an unknown key or a wrong value. SET alone changes nothing. */
  set({ option }: SetOption): void {
    if (option !== null) this.#options.set(currentKey(option.key.value), checkSessionOption(option.key.value, option.value.value));
  }

  /** Takes back what one SET said, or all. */
  reset({ key }: ResetOption): void {
    for (const each of key === null ? [...this.#options.keys()] : [currentKey(key.value)]) {
      const given = this.#given.get(each);
      if (given === undefined) this.#options.delete(each);
      else this.#options.set(each, given);
    }
  }

  /** All options in force, by name. */
  sorted(): [key: string, value: string][] {
    return [...this.#options].toSorted(([a], [b]) => (a < b ? -1 : 1));
  }

  get isBatch(): boolean {
    return this.#options.get(RUNTIME_MODE)?.toLowerCase() === 'batch';
  }

  /** The savepoint that new jobs begin from; null for none. */
  get savepoint(): string | null {
    return this.#options.get(RECOVERY_PATH) ?? null;
  }

  get allowNonRestored(): boolean {
    return this.#options.get(IGNORE_UNCLAIMED)?.toLowerCase() === 'true';
  }

  /** Where STOP JOB puts savepoints; null: the job says. */
  get savepointDirectory(): string | null {
    return this.#options.get(SAVEPOINT_DIR) ?? null;
  }

  /** An INSERT is done when its job has ended. */
  get isDmlSync(): boolean {
    return this.#options.get(DML_SYNC)?.toLowerCase() === 'true';
  }

  /** In which instants are shown. */
  get zone(): TimeZone {
    return sessionZone(zoneOfSession(Object.fromEntries(this.#options))) ?? UTC;
  }

  /** Where a job began is not part of what it is: the same statement gives the same plan with and without a savepoint. */
  ofPlan(): Record<string, string> {
    const isOfPlan = ([key, value]: [string, string]): boolean => key !== RECOVERY_PATH && key !== IGNORE_UNCLAIMED && (isSessionOption(key) || this.#given.get(key) !== value);
    return Object.fromEntries([...this.#options].filter(isOfPlan));
  }
}
