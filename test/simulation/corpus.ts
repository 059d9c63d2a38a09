/** Every seed that ever failed, with what it found. World and engine have changed since; all of them must stay green for ever. */
export interface PinnedSeed {
  readonly config: string;
  readonly seed: number;
  /** The defect that it found. */
  readonly why: string;
}

export const CORPUS: readonly PinnedSeed[] = [
  { config: 'bounds', seed: 11, why: 'a replay read on behind its cut, and the next FIRE took more entries than it may (F13)' },
  { config: 'retention', seed: 54, why: 'a hole in the tail was not seen where the entry behind it lay behind the cut (F2)' },
  { config: 'clocks', seed: 61, why: 'a hint that landed days late kept writers waiting for the next checkpoint (F12, T5)' },
  { config: 'growth', seed: 9, why: 'a firer that registered a partition went on behind the CLOSE that it met (W11)' },
  { config: 'clocks', seed: 14, why: 'a hole in the tail was not seen where the entry behind it lay behind the cut (F2)' },
  { config: 'ttl', seed: 190, why: 'what took the place of a value with a time ahead, after --pause-ttl, left late where it had not been restored (V7, F4)' },
  { config: 'withinTtl', seed: 4, why: 'a firer that had read the log again for what timers have given fired behind the CLOSE that it met (W11, F10)' },
  { config: 'withinRetention', seed: 3079, why: 'a chunk was listed as living longer than its object, whose put was answered late (C3)' },
];
