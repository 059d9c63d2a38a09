/** Where topics lie: `<root>/<topic>/id`, `<root>/<topic>/<partition>.jsonl` and, beside it, its checksums. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SluiceError } from '../../core/errors.ts';
import { nearest } from '../../core/nearest.ts';
import { attempt, errnoOf } from './files.ts';

/** Kafka's rule; it also keeps a name from leaving the directory. */
const TOPIC_NAME = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/;
/** Beginning of the places where `createTopic` builds; not a topic name, so what a killed process leaves is never seen. */
export const BUILDING = '+building-';

const PARTITION_FILE = /^(0|[1-9][0-9]*)\.jsonl$/;

export const partitionFile = (root: string, topic: string, partition: number): string => join(root, topic, `${partition}.jsonl`);

const isTopicName = (name: string): boolean => TOPIC_NAME.test(name);

/** Refuses what cannot be the name of a topic. */
export function checkTopicName(name: string): void {
  if (isTopicName(name)) return;
  throw new SluiceError('OPTION_INVALID', {
    message: `'${name}' cannot be the name of a topic`,
    hint: 'Use 1 to 249 of the characters A-Z a-z 0-9 . _ -',
  });
}

/** Names of all topics, in order. */
export const topicNames = (root: string): string[] => entriesOf(root).filter(isTopicName).toSorted();

/** Numbers of the partitions of a topic, ascending; null if there is no such topic. */
export function partitionsOf(root: string, topic: string): number[] | null {
  if (!isTopicName(topic)) return null;
  const partitions = entriesOf(join(root, topic)).flatMap((name) => PARTITION_FILE.exec(name)?.[1] ?? []);
  return partitions.length === 0 ? null : partitions.map(Number).toSorted((a, b) => a - b);
}

/** The random value written at creation; null for a directory that was not made by `createTopic`. */
export function topicId(root: string, topic: string): string | null {
  return orIfAbsent(null, `read the id of topic '${topic}'`, () => readFileSync(join(root, topic, 'id'), 'utf8').trim());
}

/** TOPIC_UNKNOWN for a topic, or a partition of it, that does not exist. */
export function unknownTopic(root: string, topic: string, partition: number | null = null): SluiceError {
  const partitions = partitionsOf(root, topic);
  if (partitions !== null && partition !== null) {
    const message = `topic '${topic}' has no partition ${partition}; it has 0 to ${partitions.at(-1)}`;
    return new SluiceError('TOPIC_UNKNOWN', { message, details: { topic, partition } });
  }
  const other = nearest(topic, topicNames(root));
  const hint = other === undefined ? 'Create it first.' : `Did you mean '${other}'?`;
  return new SluiceError('TOPIC_UNKNOWN', { message: `topic '${topic}' does not exist`, hint, details: { topic } });
}

const entriesOf = (dir: string): string[] => orIfAbsent([], `list ${dir}`, () => readdirSync(dir));

function orIfAbsent<T>(absent: T, what: string, read: () => T): T {
  return attempt(what, () => {
    try {
      return read();
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return absent;
      throw error;
    }
  });
}
