/** What the seeds of one configuration came to, and how to say it. */
import type { SeedOutcome } from './seeds.ts';

export interface Tally {
  readonly config: string;
  readonly seeds: number;
  readonly red: readonly Extract<SeedOutcome, { kind: 'red' }>[];
  /** Sums over all seeds. */
  readonly coverage: Readonly<Record<string, number>>;
  readonly seconds: number;
}

export class Tallying {
  readonly #config: string;
  readonly #red: Extract<SeedOutcome, { kind: 'red' }>[] = [];
  readonly #coverage: Record<string, number> = {};
  #seeds = 0;

  constructor(config: string) {
    this.#config = config;
  }

  add(outcome: SeedOutcome): void {
    this.#seeds++;
    if (outcome.kind === 'red') this.#red.push(outcome);
    else for (const [what, n] of Object.entries(outcome.report.coverage)) this.#coverage[what] = (this.#coverage[what] ?? 0) + n;
  }

  result(seconds: number): Tally {
    const red = this.#red.toSorted((a, b) => a.seed - b.seed);
    return { config: this.#config, seeds: this.#seeds, red, coverage: this.#coverage, seconds };
  }
}

export function headline({ config, seeds, red, seconds }: Tally): string {
  return `${config}: ${seeds} seeds, ${red.length} violations, ${(seeds / seconds).toFixed(1)} seeds/s`;
}

/** An empty run must be visible. */
export function coverageLine({ coverage }: Tally): string {
  const parts = Object.entries(coverage).sort(([a], [b]) => (a < b ? -1 : 1)).map(([what, n]) => `${what} ${n}`);
  return `  ${parts.join(' · ')}`;
}

export const firstLine = (message: string): string => message.split('\n')[0] ?? '';
