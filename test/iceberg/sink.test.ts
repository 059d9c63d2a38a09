/** An Iceberg table takes each FIRE once. */
import { sinkContract, sinkNode, type SinkWorld } from '../contracts/sink.ts';
import { sinkUnderFaults } from '../contracts/faults/sink.ts';
import { createTable, effects, field, memoryPlace, openSink } from './world.ts';

async function tables(): Promise<SinkWorld> {
  const place = memoryPlace();
  await createTable(place, [field(1, 'v', 'string')]);
  return { open: async (job) => openSink(place, job, sinkNode('iceberg', {})), effects: () => effects(place) };
}

sinkContract('iceberg', tables);
sinkUnderFaults('iceberg', tables);
