/** What the references of functions have in common: what calls have given, until somebody asks, and what those that failed had been called for. */
import type { FailedRow } from './reference-letters.ts';
import type { Finding } from '../findings.ts';
import { sumText } from './reference-window.ts';

/** Outputs of a call. */
export interface CallOutputs {
  readonly main: string[];
  readonly side: string[];
}

export class ReferenceCalls {
  readonly late = 0;
  failed = 0;
  protected readonly count: (what: string) => void;
  readonly #main: string[] = [];
  readonly #side: string[] = [];
  readonly #failures: FailedRow[] = [];

  constructor(count: (what: string) => void) {
    this.count = count;
  }

  sides(): string[] {
    this.#side.forEach(() => this.count('sideOutput'));
    return this.#side.splice(0);
  }

  failures(): FailedRow[] {
    return this.#failures.splice(0);
  }

  /** Rows of the main output, since they were last taken. */
  protected takeMain(): string[] {
    return this.#main.splice(0);
  }

  /** Makes a call. False where it fails: it gives nothing then but `row`, which becomes a letter. */
  protected takes(row: FailedRow, call: (outputs: CallOutputs) => void): boolean {
    const outputs: CallOutputs = { main: [], side: [] };
    try {
      call(outputs);
    } catch {
      this.failed++;
      this.count('failedCall');
      this.#failures.push(row);
      return false;
    }
    this.#main.push(...outputs.main);
    this.#side.push(...outputs.side);
    return true;
  }
}

/** As it comes to the sink. */
export function findingText(given: unknown, timestamp: number | null): string {
  const { key, at, rows, amount }: Finding = JSON.parse(JSON.stringify(given));
  return sumText({ start: timestamp ?? 0, end: at, key, rows, amount });
}
