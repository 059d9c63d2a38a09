/** Creation and deletion of a topic: whole or not at all. */
import { fsyncSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SluiceError } from '../../core/errors.ts';
import type { Runtime } from '../../ports/runtime.ts';
import { attempt, errnoOf, makeDirectory, syncDirectory, withFile } from './files.ts';
import { BUILDING, checkTopicName, partitionFile, unknownTopic } from './topic-files.ts';

/** More would be files that nobody reads; a laptop has no use for them. */
const MAX_PARTITIONS = 1024;

/**
 * Creates `<root>/<name>` with a random id and empty partitions. It is built beside its place and renamed, so that no reader sees
 * half a topic. Throws TOPIC_EXISTS, OPTION_INVALID, StoreError.
 */
export function createTopic(root: string, name: string, partitions: number, runtime: Pick<Runtime, 'randomHex'>): void {
  checkTopicName(name);
  checkPartitions(partitions);
  makeDirectory(root);
  const building = `${BUILDING}${runtime.randomHex(8)}`;
  const what = `create topic '${name}'`;
  try {
    attempt(what, () => build(root, building, partitions, runtime.randomHex(16)));
    attempt(what, () => moveTo(root, building, name), 'maybe');
  } finally {
    clear(join(root, building));
  }
}

/** Moves the topic out of sight and clears it away; readers that have its files open read on. Throws TOPIC_UNKNOWN, StoreError. */
export function deleteTopic(root: string, name: string, runtime: Pick<Runtime, 'randomHex'>): void {
  checkTopicName(name);
  const gone = join(root, `${BUILDING}${runtime.randomHex(8)}`);
  attempt(`delete topic '${name}'`, () => {
    try {
      renameSync(join(root, name), gone);
    } catch (error) {
      throw errnoOf(error) === 'ENOENT' ? unknownTopic(root, name) : error;
    }
    syncDirectory(root);
  }, 'maybe');
  clear(gone);
}

function build(root: string, building: string, partitions: number, id: string): void {
  mkdirSync(join(root, building));
  writeDurably(join(root, building, 'id'), `${id}\n`);
  for (let partition = 0; partition < partitions; partition++) writeDurably(partitionFile(root, building, partition), '');
  syncDirectory(join(root, building));
}

function writeDurably(path: string, text: string): void {
  withFile(path, 'wx', (fd) => {
    writeFileSync(fd, text);
    fsyncSync(fd);
  });
}

/** What stays has no name of a topic: everybody passes it over. */
function clear(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    if (errnoOf(error) === null) throw error;
  }
}

/** A directory that is not empty is never replaced by a rename: of two creators one wins. */
function moveTo(root: string, building: string, name: string): void {
  try {
    renameSync(join(root, building), join(root, name));
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(errnoOf(error) ?? '')) throw error;
    throw new SluiceError('TOPIC_EXISTS', { message: `topic '${name}' exists already`, details: { topic: name } });
  }
  syncDirectory(root);
}

function checkPartitions(partitions: number): void {
  if (Number.isInteger(partitions) && partitions >= 1 && partitions <= MAX_PARTITIONS) return;
  throw new SluiceError('OPTION_INVALID', { message: `a topic has 1 to ${MAX_PARTITIONS} partitions, not ${partitions}` });
}
