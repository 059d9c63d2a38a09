/** Where a job begins to read a partition, decided from what the broker says. */
import { SluiceError } from './errors.ts';
import { offset, type Offset } from './numbers.ts';
import type { StartupMode } from './plan.ts';

/** The facts of one partition, for `startAt`. */
export interface StartupFacts {
  readonly topic: string;
  readonly partition: number;
  readonly earliest: Offset;
  readonly end: Offset;
  /** What the consumer group has committed; asked for in mode `group-offsets` only. */
  readonly committed: (group: string) => Promise<Offset | null>;
  /** First offset whose record is not older, null if all are; absent where records carry no time. Asked for in mode `timestamp` only. */
  readonly byTime?: (epochMs: number) => Promise<Offset | null>;
}

/**
 * Offset of the first record to read, as Flink's offset initializers choose it: `specific-offsets` without this partition means
 * earliest; a group without an offset, or with one that is not there (any more), falls back to its reset strategy; a `timestamp`
 * behind the last record means the end. Throws OPTION_INVALID.
 */
export async function startAt(mode: StartupMode, facts: StartupFacts): Promise<Offset> {
  switch (mode.kind) {
    case 'earliest-offset':
      return facts.earliest;
    case 'latest-offset':
      return facts.end;
    case 'specific-offsets':
      return specific(mode.offsets[String(facts.partition)], facts);
    case 'group-offsets':
      return ofGroup(mode, facts);
    case 'timestamp':
      if (facts.byTime === undefined) throw timestampUnsupported(facts.topic);
      return (await facts.byTime(mode.epochMs)) ?? facts.end;
  }
}

const isWithin = (n: number, facts: StartupFacts): boolean => n >= facts.earliest && n <= facts.end;

function specific(n: number | undefined, facts: StartupFacts): Offset {
  if (n === undefined) return facts.earliest;
  if (isWithin(n, facts)) return offset(n);
  throw new SluiceError('OPTION_INVALID', {
    message: `'specific-offsets': ${place(facts)} has offsets ${facts.earliest} to ${facts.end}, not ${n}`,
    details: { topic: facts.topic, partition: facts.partition, offset: n, earliest: facts.earliest, end: facts.end },
  });
}

async function ofGroup(mode: Extract<StartupMode, { kind: 'group-offsets' }>, facts: StartupFacts): Promise<Offset> {
  const committed = await facts.committed(mode.group);
  if (committed !== null && isWithin(committed, facts)) return committed;
  if (mode.reset === 'earliest') return facts.earliest;
  if (mode.reset === 'latest') return facts.end;
  const found = committed === null ? 'no offset' : `offset ${committed}, which is gone,`;
  throw new SluiceError('OPTION_INVALID', {
    message: `group '${mode.group}' has ${found} for ${place(facts)}`,
    hint: "Set 'properties.auto.offset.reset' to 'earliest' or 'latest', or another 'scan.startup.mode'.",
    details: { group: mode.group, topic: facts.topic, partition: facts.partition, committed },
  });
}

/** For topics whose records carry no time. */
export const timestampUnsupported = (topic: string): SluiceError =>
  new SluiceError('OPTION_INVALID', {
    message: `mode 'timestamp': the records of topic '${topic}' carry no time`,
    hint: "Use 'earliest-offset' and a WHERE on the row time.",
  });

const place = (facts: StartupFacts): string => `topic '${facts.topic}' partition ${facts.partition}`;
