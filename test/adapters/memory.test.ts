/** The reference adapters keep every law, and can do what happens to real stores. */
import { expect, test } from 'vitest';
import { MemoryConsumers } from '../../lib/adapters/memory/consumers.ts';
import { memoryPorts } from '../../lib/adapters/memory/index.ts';
import { nodeCodec } from '../../lib/adapters/node/codec.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { offset, seq, type Generation, type JobId } from '../../lib/core/numbers.ts';
import { blobContract } from '../contracts/blob.ts';
import { chunksContract } from '../contracts/chunks.ts';
import { consumersContract, type ConsumersWorld, type Seen } from '../contracts/consumers.ts';
import { controlContract } from '../contracts/control.ts';
import { blobUnderFaults } from '../contracts/faults/blob.ts';
import { chunksUnderFaults } from '../contracts/faults/chunks.ts';
import { controlUnderFaults } from '../contracts/faults/control.ts';
import { logUnderFaults } from '../contracts/faults/log.ts';
import { sinkUnderFaults } from '../contracts/faults/sink.ts';
import { sourceUnderFaults } from '../contracts/faults/source.ts';
import { logContract } from '../contracts/log.ts';
import { sinkContract, sinkNode, type SinkWorld } from '../contracts/sink.ts';
import { sourceContract, valuesOf, type SourceWorld } from '../contracts/source.ts';
import type { TwoHandles } from '../contracts/suite.ts';

const world = () => memoryPorts({ runtime: nodeRuntime, codec: nodeCodec });
const twice = <Port>(port: Port): TwoHandles<Port> => ({ first: port, second: port });

logContract('memory', () => twice(world().log));
controlContract('memory', () => twice(world().control));
chunksContract('memory', () => twice(world().chunks));
blobContract('memory', () => twice(world().blob));
logUnderFaults('memory', () => twice(world().log));
controlUnderFaults('memory', () => twice(world().control));
chunksUnderFaults('memory', () => twice(world().chunks));
blobUnderFaults('memory', () => twice(world().blob));

const sourceWorld = (): SourceWorld => {
  const { source, offsets } = world();
  const create = async (topic: string, partitions: number): Promise<void> => source.recreate(topic, partitions);
  const produce = async (topic: string, partition: number, values: readonly string[]): Promise<void> =>
    source.produce(topic, values, partition);
  return { source, offsets, create, recreate: create, produce };
};

sourceContract('memory', sourceWorld);
sourceUnderFaults('memory', sourceWorld);

const sinkWorld = (): SinkWorld => {
  const { sinks } = world();
  const node = sinkNode('filesystem', {});
  return { open: (job) => sinks.open(job, node), effects: async () => sinks.rows(node.table).map(([value]) => String(value)) };
};

sinkContract('memory', sinkWorld);
sinkUnderFaults('memory', sinkWorld);

consumersContract('memory', (): ConsumersWorld => {
  const consumers = new MemoryConsumers();
  const see = async (job: JobId, g: Generation): Promise<Seen> => {
    const found = consumers.generations.get(`${job}-g${g}`);
    return found === undefined ? 'nothing' : { topics: found.consumption.topics.map(({ topic }) => topic).toSorted(), isPaused: found.isPaused };
  };
  return { ...twice(consumers), see, settle: async () => {} };
});

test('retention moves earliest, and reading below it is OFFSET_GAP', async () => {
  const { source } = world();
  source.recreate('t', 1);
  source.produce('t', ['a', 'b', 'c']);
  source.retain('t', 0, 2);
  expect((await source.topic('t'))?.partitions).toEqual([{ partition: 0, earliest: 2, end: 3 }]);
  await expect(source.fetch('t', 0, offset(1), 10)).rejects.toMatchObject({ code: 'OFFSET_GAP' });
  expect(valuesOf(await source.fetch('t', 0, offset(2), 10))).toEqual(['c']);
});

test('a topic that lost its tail is TOPIC_TRUNCATED', async () => {
  const { source } = world();
  source.recreate('t', 1);
  source.produce('t', ['a', 'b', 'c']);
  source.truncate('t', 0, 1);
  await expect(source.fetch('t', 0, offset(2), 10)).rejects.toMatchObject({ code: 'TOPIC_TRUNCATED' });
  expect(await source.fetch('t', 0, offset(1), 10)).toBeNull();
});

test('offsets without records are passed over, and tombstones have end -1', async () => {
  const { source } = world();
  source.recreate('t', 1);
  source.produce('t', ['a']);
  source.skip('t', 0, 2);
  source.produce('t', [null]);
  const batch = await source.fetch('t', 0, offset(1), 10);
  expect(batch).toMatchObject({ offsets: [3], starts: [0], ends: [-1], next: 4 });
});

test('forget deletes what it is told, in any order, heads included', async () => {
  const { log } = world();
  for (let n = 0; n < 4; n++) await log.append('L', { seq: seq(n), id: `${n}`, body: '', data: null, ttl: n });
  log.forget((_log, item) => item.ttl >= 2);
  expect((await log.head('L'))?.seq).toBe(1);
});
