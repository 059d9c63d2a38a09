/** From where to where a Kafka table is read: `scan.startup.*` and `scan.bounded.*` (KafkaConnectorOptionsUtil). */
import type { BoundedMode, StartupMode } from '../core/plan.ts';
import type { OptionReader } from './option-reader.ts';

const STARTUP = ['earliest-offset', 'latest-offset', 'group-offsets', 'timestamp', 'specific-offsets'] as const;
const BOUNDED = ['unbounded', 'latest-offset', 'group-offsets', 'timestamp', 'specific-offsets'] as const;

/** What both ends of the reading depend on. */
export interface Scanned {
  readonly topics: readonly string[];
  /** Of the consumer. */
  readonly group: string;
}

export function startupMode(reader: OptionReader, { topics, group }: Scanned): StartupMode {
  const kind = reader.oneOf('scan.startup.mode', STARTUP, 'group-offsets');
  const reset = reader.oneOf('properties.auto.offset.reset', ['earliest', 'latest', 'none'], 'none');
  switch (kind) {
    case 'group-offsets':
      return { kind, group, reset };
    case 'timestamp':
      return { kind, epochMs: epochMs(reader, 'scan.startup') };
    case 'specific-offsets':
      return { kind, offsets: specificOffsets(reader, 'scan.startup', topics) };
    default:
      return { kind };
  }
}

/** undefined: the topics are read for ever. */
export function boundedMode(reader: OptionReader, { topics, group }: Scanned): BoundedMode | undefined {
  const kind = reader.oneOf('scan.bounded.mode', BOUNDED, 'unbounded');
  switch (kind) {
    case 'unbounded':
      return undefined;
    case 'group-offsets':
      return { kind, group };
    case 'timestamp':
      return { kind, epochMs: epochMs(reader, 'scan.bounded') };
    case 'specific-offsets':
      return { kind, offsets: specificOffsets(reader, 'scan.bounded', topics) };
    default:
      return { kind };
  }
}

/** Options of either end that its mode does not read; Flink takes them all the same. */
export function knowScanOptions(reader: OptionReader): void {
  for (const end of ['scan.startup', 'scan.bounded']) {
    reader.integer(`${end}.timestamp-millis`);
    reader.text(`${end}.specific-offsets`);
  }
}

const FORM = 'partition:0,offset:42;partition:1,offset:300';

type End = 'scan.startup' | 'scan.bounded';

const modeOf = (end: End): string => (end === 'scan.startup' ? 'startup' : 'bounded');

function epochMs(reader: OptionReader, end: End): number {
  const key = `${end}.timestamp-millis`;
  const value = reader.integer(key) ?? reader.fail(`misses a time: '${key}' is required in 'timestamp' ${modeOf(end)} mode but missing.`);
  return value >= 0 ? value : reader.wrong(key, 'milliseconds since 1970', String(value));
}

/** `partition:0,offset:42;partition:1,offset:300`, which Flink takes for a single topic only. */
function specificOffsets(reader: OptionReader, end: End, topics: readonly string[]): Readonly<Record<string, number>> {
  const key = `${end}.specific-offsets`;
  const text = reader.text(key) ?? reader.fail(`misses offsets: '${key}' is required in 'specific-offsets' ${modeOf(end)} mode but missing.`);
  if (topics.length > 1) {
    reader.fail(`has several topics: Currently Kafka source only supports specific offset for single topic.`, 'Make one table per topic.');
  }
  const entries = text.split(';').map((entry): [string, number] => {
    const match = /^\s*partition:(\d{1,10})\s*,\s*offset:(\d{1,15})\s*$/.exec(entry);
    if (match === null) return reader.fail(`cannot read '${key}': Invalid properties '${key}' should follow the format '${FORM}', but is '${text}'.`);
    return [String(Number(match[1])), Number(match[2])];
  });
  return Object.fromEntries(entries);
}
