/** What `sluice doctor` looks at, and what it finds. */

export type State = 'ok' | 'warn' | 'fail';

export interface Finding {
  /** `data directory` */
  readonly what: string;
  readonly state: State;
  /** How it is. */
  readonly why: string;
  /** What to do about it; null where nothing is to be done. */
  readonly mend: string | null;
}

/** One thing that is looked at; what it throws is a finding. It leaves nothing behind. */
export interface Check {
  readonly what: string;
  look(): Promise<readonly Finding[]>;
}

export const ok = (what: string, why: string): Finding => ({ what, state: 'ok', why, mend: null });
export const warn = (what: string, why: string, mend: string): Finding => ({ what, state: 'warn', why, mend });
export const fail = (what: string, why: string, mend: string): Finding => ({ what, state: 'fail', why, mend });
