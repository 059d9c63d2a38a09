/** What SET has put in force in a session. */
import type { ResetOption, SetOption } from './ast.ts';
import { checkSessionOption, currentKey } from './session-options.ts';

const RUNTIME_MODE = 'execution.runtime-mode';
const RECOVERY_PATH = 'execution.state-recovery.path';
const IGNORE_UNCLAIMED = 'execution.state-recovery.ignore-unclaimed-state';

export class SessionSettings {
  /** By Flink's present name. */
  readonly #options = new Map<string, string>();

  /** Throws OPTION_INVALID for an unknown key or a wrong value. SET alone changes nothing. */
  set({ option }: SetOption): void {
    if (option !== null) this.#options.set(currentKey(option.key.value), checkSessionOption(option.key.value, option.value.value));
  }

  /** Forgets one option, or all. */
  reset({ key }: ResetOption): void {
    if (key === null) this.#options.clear();
    else this.#options.delete(currentKey(key.value));
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

  /** Where a job began is not part of what it is: the same statement gives the same plan with and without a savepoint. */
  ofPlan(): Record<string, string> {
    return Object.fromEntries([...this.#options].filter(([key]) => key !== RECOVERY_PATH && key !== IGNORE_UNCLAIMED));
  }
}
