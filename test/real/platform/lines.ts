/** What functions say of their work. */
import { LINES } from '../../../lib/lambda/telemetry.ts';

interface Line {
  readonly message?: string;
  readonly partition?: number;
  readonly first?: number;
  readonly next?: number;
  readonly records?: number;
  readonly commitBytes?: number;
  readonly duplicate?: boolean;
  readonly rows?: number;
  readonly f?: number;
}

export interface Committed {
  readonly partition: number;
  readonly records: number;
  readonly bytes: number;
  /** When it was told, ms of this process. */
  readonly at: number;
}

export interface Fired {
  readonly f: number;
  readonly rows: number;
}

export class Lines {
  /** Batches in the log, one of each partition of an event. */
  readonly commits: Committed[] = [];
  readonly fires: Fired[] = [];
  /** Lines of everything that went wrong, or was delivered twice. */
  readonly problems: string[] = [];
  records = 0;

  hear(text: string): void {
    const line: Line = text.startsWith('{"') ? JSON.parse(text) : {};
    if (line.message === LINES.committed && line.duplicate === false) this.#committed(line);
    else if (line.message === LINES.fired) this.fires.push({ f: line.f ?? 0, rows: line.rows ?? 0 });
    else if (line.message !== undefined || !text.startsWith('{"')) this.problems.push(text);
  }

  #committed({ partition = 0, records = 0, commitBytes = 0 }: Line): void {
    this.records += records;
    this.commits.push({ partition, records, bytes: commitBytes, at: performance.now() });
  }
}
