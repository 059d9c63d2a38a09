/**
 * The naive reference operator: per row, from the records themselves, with none of the engine's code for panes, slices or late rows. It is
 * told only what each FIRE decided (cut and watermark) and says what its rows and its late count must be.
 */
export interface ReferenceRecord {
  readonly type: string;
  readonly time: number;
}

/** Cut offsets per Kafka partition, watermark per source. */
export interface ReferenceFire {
  readonly next: readonly number[];
  readonly watermark: number;
}

export interface ReferenceState {
  readonly next: readonly number[];
  readonly watermark: number;
  readonly late: number;
  /** `<window end>|<type>` → count. */
  readonly counts: ReadonlyMap<string, number>;
}

export const EMPTY = (partitions: number): ReferenceState => ({
  next: Array.from({ length: partitions }, () => 0),
  watermark: Number.NEGATIVE_INFINITY,
  late: 0,
  counts: new Map(),
});

export interface ReferenceStep {
  readonly state: ReferenceState;
  /** Rows `<window end>|<type>|<count>`, sorted. */
  readonly rows: readonly string[];
}

export function referenceStep(before: ReferenceState, fire: ReferenceFire, topics: readonly (readonly ReferenceRecord[])[], windowMs: number): ReferenceStep {
  const counts = new Map(before.counts);
  let late = before.late;
  for (const [partition, records] of topics.entries()) {
    for (let at = before.next[partition] ?? 0; at < (fire.next[partition] ?? 0); at++) {
      const record = records[at];
      if (record === undefined) throw new Error(`the cut covers a record that does not exist: ${partition}/${at}`);
      const end = Math.floor(record.time / windowMs) * windowMs + windowMs;
      if (end - 1 <= before.watermark) late++;
      else counts.set(`${end}|${record.type}`, (counts.get(`${end}|${record.type}`) ?? 0) + 1);
    }
  }
  const rows: string[] = [];
  for (const [key, count] of counts) {
    if (Number(key.split('|')[0]) - 1 > fire.watermark) continue;
    rows.push(`${key}|${count}`);
    counts.delete(key);
  }
  return { state: { next: fire.next, watermark: fire.watermark, late, counts }, rows: rows.sort() };
}

/** The highest watermark that is allowed: minimum over the partitions of the maximum over their records (F5). */
export function watermarkLimit(next: readonly number[], topics: readonly (readonly ReferenceRecord[])[], delayMs: number): number {
  const perPartition = topics.map((records, p) => {
    let highest = Number.NEGATIVE_INFINITY;
    for (const record of records.slice(0, next[p])) if (record.time - delayMs > highest) highest = record.time - delayMs;
    return highest;
  });
  return perPartition.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}
