/** Source partitions as keys of state: by the uid of the source, so that state stays valid whatever the order of the sources in a plan. */
import { SluiceError } from '../errors.ts';
import type { Key } from '../key.ts';
import { Raw } from '../types.ts';
import type { SourcePartition } from './partition-function.ts';
import { RECORD_KEYS } from './record-fold.ts';

export const partitionKey = ({ source, topic, partition }: SourcePartition): Key => RECORD_KEYS.keyOf([new Raw({ source, topic, partition })]);

/** The inverse; STORE_CORRUPT for a key that names no partition. */
export function partitionOf(key: Key): SourcePartition {
  const [raw] = RECORD_KEYS.valuesOf(key);
  const named = raw instanceof Raw ? raw.value : null;
  if (isPartition(named)) return named;
  throw new SluiceError('STORE_CORRUPT', { message: `state of a function over partitions has the key ${JSON.stringify(key)}`.slice(0, 200) });
}

function isPartition(value: unknown): value is SourcePartition {
  if (typeof value !== 'object' || value === null) return false;
  const { source, topic, partition }: Partial<Record<keyof SourcePartition, unknown>> = value;
  return typeof source === 'string' && typeof topic === 'string' && typeof partition === 'number';
}

/** By source, topic and number, each as it is and not as JSON text: partition 10 comes behind partition 9. */
export function comparePartitions(a: SourcePartition, b: SourcePartition): number {
  if (a.source !== b.source) return a.source < b.source ? -1 : 1;
  if (a.topic !== b.topic) return a.topic < b.topic ? -1 : 1;
  return a.partition - b.partition;
}
