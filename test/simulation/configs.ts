/** The one table of configurations: what happens in a run, and how often. */
export interface Config {
  readonly partitions: number;
  readonly records: number;
  readonly faultRate: number;
  /** Event time runs back by at most this many seconds; above 5 some rows are late. */
  readonly disorderS: number;
  readonly writers: number;
  readonly firers: number;
  readonly workflows: boolean;
  /** Sinks go down for up to 200 s. */
  readonly outages: boolean;
}

export const CONFIGS = {
  base: { partitions: 2, records: 60, faultRate: 0.04, disorderS: 30, writers: 3, firers: 2, workflows: false, outages: false },
  stormy: { partitions: 3, records: 60, faultRate: 0.15, disorderS: 90, writers: 4, firers: 3, workflows: false, outages: true },
  workflows: { partitions: 2, records: 80, faultRate: 0.04, disorderS: 30, writers: 3, firers: 2, workflows: true, outages: true },
} satisfies Record<string, Config>;
