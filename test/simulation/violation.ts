/** What a run has shown, and what ends one. */
export interface Report {
  readonly steps: number;
  /** Faults drawn. */
  readonly faults: number;
  /** How often each thing happened; an empty run must be visible. */
  readonly coverage: Readonly<Record<string, number>>;
}

/** An invariant does not hold; the message begins with its id. An error that nobody expects is one of id UNEXPECTED. */
export class Violation extends Error {
  /** What the run had done so far. */
  readonly report: Report;

  constructor(message: string, report: Report = NOTHING, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Violation';
    this.report = report;
  }

  static of(error: unknown, report: Report): Violation {
    return new Violation(error instanceof Violation ? error.message : `UNEXPECTED: ${String(error)}`, report, { cause: error });
  }
}

const NOTHING: Report = { steps: 0, faults: 0, coverage: {} };

export function violate(broken: boolean, what: string): void {
  if (broken) throw new Violation(what);
}
