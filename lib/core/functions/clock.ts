/** What functions of the current time read. */
export interface Clock {
  /**
   * Epoch milliseconds; whoever evaluates sets it before: a writer to the time at which it takes a batch in, a firer to the `procTime` of the FIRE,
   * so that a replay gives the same rows (F7).
   */
  now: number;
  /** Of the rows before the present one, epoch milliseconds; null before there is one. */
  watermark: number | null;
}

export const newClock = (): Clock => ({ now: 0, watermark: null });
