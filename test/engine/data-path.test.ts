/** The data path on the reference adapters: a batch becomes an entry, entries become rows, at the stated cost. */
import { beforeEach, describe, expect, test } from 'vitest';
import { generation, jobId, offset, partitionId, uid } from '../../lib/core/numbers.ts';
import type { PlanNode } from '../../lib/core/plan.ts';
import { INT, STRING } from '../../lib/core/types.ts';
import { Firer } from '../../lib/engine/firer/firer.ts';
import { openJob, type Job } from '../../lib/engine/job.ts';
import { startGeneration } from '../../lib/engine/lifecycle/generation.ts';
import { openPartitionLog } from '../../lib/engine/log/logs.ts';
import { Writer } from '../../lib/engine/writer/writer.ts';
import { memoryPorts, type MemoryPorts } from '../../lib/adapters/memory/index.ts';
import { nodeCodec } from '../../lib/adapters/node/codec.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { labPlan, labRecord, LAB_START_MS } from './lab-plan.ts';

const P0 = partitionId(0, 0, 0);

let ports: MemoryPorts;
let job: Job;

beforeEach(async () => {
  ports = memoryPorts({ runtime: nodeRuntime, codec: nodeCodec });
  ports.source.recreate('events', 1);
  job = openJob(jobId('0'.repeat(32)), generation(0), labPlan(), {}, {});
  await startGeneration(ports, job, null);
});

async function deliver(writer: Writer, from = 0): Promise<void> {
  const batch = await ports.source.fetch('events', 0, offset(from), 1e9);
  if (batch !== null) await writer.commit(P0, batch);
}

const rows = (): unknown[][] => ports.sinks.rows('c.d.out').map((row) => [(Number(row[0]) - LAB_START_MS) / 60_000, row[2], Number(row[3])]);

describe('the lab without stopping', () => {
  test('a window fires when the watermark passes its last millisecond, once per key', async () => {
    ports.source.produce('events', [labRecord('click', 10), labRecord('view', 30), labRecord('click', 50), labRecord('click', 120)]);
    const [writer, firer] = [new Writer(ports, job), new Firer(ports, job)];
    await deliver(writer);
    expect(await firer.step()).toMatchObject({ kind: 'fired', rows: 2 });
    expect(rows()).toEqual([[0, 'click', 2], [0, 'view', 1]]);
    expect(await firer.step()).toEqual({ kind: 'idle' });
  });

  test('a second firer, loading cold, sees the same state and emits nothing twice', async () => {
    ports.source.produce('events', [labRecord('click', 10), labRecord('click', 120)]);
    const writer = new Writer(ports, job);
    await deliver(writer);
    await new Firer(ports, job).step();
    ports.source.produce('events', [labRecord('click', 90), labRecord('view', 185)]);
    await deliver(writer, 0);
    expect(await new Firer(ports, job).step()).toMatchObject({ kind: 'fired' });
    expect(rows()).toEqual([[0, 'click', 1], [1, 'click', 1], [2, 'click', 1]]);
  });

  test('a row behind its fired window is late: dropped and counted (E4, E5)', async () => {
    ports.source.produce('events', [labRecord('click', 10), labRecord('click', 120)]);
    const [writer, firer] = [new Writer(ports, job), new Firer(ports, job)];
    await deliver(writer);
    await firer.step();
    ports.source.produce('events', [labRecord('click', 20), labRecord('click', 240)]);
    await deliver(writer);
    await firer.step();
    expect(rows()).toEqual([[0, 'click', 1], [2, 'click', 1]]);
    expect(firer.replica?.position.late).toEqual({ 'tumble-event_type': 1 });
  });
});

test('a batch that is delivered again, or cut otherwise, counts once (W6)', async () => {
  ports.source.produce('events', [labRecord('click', 1), labRecord('click', 2)]);
  await deliver(new Writer(ports, job));
  ports.source.produce('events', [labRecord('click', 3), labRecord('end', 200)]);
  await deliver(new Writer(ports, job));
  const batch = await ports.source.fetch('events', 0, offset(0), 1e9);
  if (batch === null) throw new Error('the topic has records');
  expect(await new Writer(ports, job).commit(P0, batch)).toMatchObject({ kind: 'duplicate', next: 4 });
  await new Firer(ports, job).step();
  expect(rows()).toEqual([[0, 'click', 3]]);
});

test('records before a bad one are committed, the partition waits at it (W10)', async () => {
  ports.source.produce('events', [labRecord('click', 1), '{"event_type": "click", "event_time', labRecord('click', 2)]);
  const writer = new Writer(ports, job);
  await expect(deliver(writer)).rejects.toMatchObject({ code: 'RECORD_MALFORMED', details: { offset: 1 } });
  expect(await writer.nextOffset(P0)).toBe(1);
});

test('nothing of a bad record stays: not its time, not what one of two paths has taken in before the other failed (W10)', async () => {
  const plan = labPlan();
  const [source] = plan.nodes;
  if (source?.kind !== 'source') throw new Error('the plan begins with its source');
  const columns = source.columns.map((c, index) => ({ op: 'column', index, type: c.type }) as const);
  const type = { op: 'column', index: 0, type: STRING } as const;
  const where = { op: 'call', fn: '>', args: [{ op: 'call', fn: 'CAST', args: [type], type: INT }, { op: 'literal', value: 0, type: INT }], type: { kind: 'BOOLEAN' } } as const;
  const strict: PlanNode[] = [
    { kind: 'calc', uid: uid('strict'), input: source.uid, where, project: columns, columns: source.columns },
    { kind: 'sink', uid: uid('numbers'), input: uid('strict'), table: 'c.d.numbers', connector: 'filesystem', columns: source.columns, options: {} },
  ];
  job = openJob(jobId('1'.repeat(32)), generation(0), { ...plan, nodes: [...plan.nodes, ...strict] }, {}, {});
  await startGeneration(ports, job, null);
  ports.source.produce('events', [labRecord('1', 1), labRecord('2', 2), labRecord('word', 500)]);
  await expect(deliver(new Writer(ports, job))).rejects.toMatchObject({ code: 'EXPRESSION_FAILED', details: { offset: 2 } });
  const entry = (await openPartitionLog(ports, job, P0).readAfter(-1, 1e9)).entries.at(-1);
  expect(entry).toMatchObject({ next: 2, records: 2, watermark: LAB_START_MS + 2000 - 5000 });
  expect(entry?.kind === 'DATA' && entry.payload.kind === 'inline' && new TextDecoder().decode(entry.payload.bytes)).not.toContain('word');
});

test('records of a batch whose beginning was committed before are taken in up to the bad one (W6, W10)', async () => {
  ports.source.produce('events', [labRecord('click', 1), labRecord('click', 2)]);
  await deliver(new Writer(ports, job));
  ports.source.produce('events', [labRecord('click', 3), '{"event_type": "click", "event_time', labRecord('click', 4)]);
  const batch = await ports.source.fetch('events', 0, offset(0), 1e9);
  if (batch === null) throw new Error('the topic has records');
  for (const _ of ['delivered', 'again']) {
    await expect(new Writer(ports, job).commit(P0, batch)).rejects.toMatchObject({ code: 'RECORD_MALFORMED', details: { offset: 3 } });
    expect(await new Writer(ports, job).nextOffset(P0)).toBe(3);
  }
  expect((await openPartitionLog(ports, job, P0).readAfter(-1, 1e9)).entries.map((e) => e.next)).toEqual([0, 2, 3]);
});
