/** One data directory as a whole, and what a killed process leaves in it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openEmbedded, type Embedded, type EmbeddedOptions } from '../../lib/place/embedded.ts';
import { jobId, offset, seq } from '../../lib/core/numbers.ts';
import { emission, sinkNode } from '../contracts/sink.ts';
import { valuesOf } from '../contracts/source.ts';
import { temporaryDirectory } from './temporary.ts';

const JOB = jobId('0123456789abcdef0123456789abcdef');
const START = offset(0);

function open(dir: string, options: Partial<EmbeddedOptions> = {}): Embedded {
  const embedded = openEmbedded(dir, { create: true, ...options });
  onTestFinished(() => embedded.close());
  return embedded;
}

test('everything lies in the data directory, and is there when it is opened again', async () => {
  const dir = join(temporaryDirectory(), 'data');
  const before = open(dir);
  await before.topics.createTopic('t', 1);
  await before.topics.produce('t', ['a']);
  await before.blob.put('spill/x', Uint8Array.of(1));
  await before.log.append('L', { seq: seq(0), id: 'i', body: '{}', data: null, ttl: 1 });
  await before.offsets.commit('g', 't', 0, offset(2));
  before.close();
  expect(readdirSync(dir).toSorted()).toEqual(['blobs', 'store.db', 'topics']);

  const after = open(dir, { create: false });
  expect(valuesOf(await after.source.fetch('t', 0, START, 10))).toEqual(['a']);
  expect(await after.blob.get('spill/x')).toEqual(Buffer.of(1));
  expect((await after.log.head('L'))?.id).toBe('i');
  expect(await after.offsets.committed('g', 't', 0)).toBe(2);
});

test('without `create` a missing directory is FILE_UNREADABLE, and nothing is made', () => {
  const dir = join(temporaryDirectory(), 'data');
  expect(() => openEmbedded(dir, { create: false })).toThrow(expect.objectContaining({ code: 'FILE_UNREADABLE' }));
  expect(existsSync(dir)).toBe(false);
});

test('opens the sink of each connector', async () => {
  const path = temporaryDirectory();
  const printed: string[] = [];
  const { sinks } = open(temporaryDirectory(), { print: (text) => printed.push(text) });
  for (const connector of ['filesystem', 'print', 'blackhole'] as const) {
    const sink = await sinks.open(JOB, sinkNode(connector, { path }));
    expect(await sink.emit(emission(0, 1, null, ['a']))).toEqual({ kind: 'durable' });
  }
  expect(printed).toEqual(['+I[a]\n']);
  expect(readdirSync(path)).toHaveLength(1);
});

/** Produces long batches until it is killed. */
const PRODUCER = `
const { openEmbedded } = await import(process.argv[1] + 'place/embedded.ts');
const { topics } = openEmbedded(process.argv[2], { create: false });
const lines = Array.from({ length: 20000 }, (_, i) => JSON.stringify({ i, pad: 'x'.repeat(i % 200) }));
process.stdout.write('ready');
for (;;) await topics.produce('t', lines);
`;

test('a producer that is killed holds no lock and leaves whole records to its successor', async () => {
  const dir = temporaryDirectory();
  const { topics } = open(dir);
  await topics.createTopic('t', 1);
  for (let round = 0; round < 4; round++) {
    await killedProducer(dir, 30 + round * 17);
    await topics.produce('t', ['{"last":true}']);
  }
  const lasts = (await allValues(topics)).filter((value) => JSON.parse(value).last === true);
  expect(lasts).toHaveLength(4);
});

async function killedProducer(dir: string, afterMs: number): Promise<void> {
  const lib = new URL('../../lib/', import.meta.url).href;
  const child = spawn(process.execPath, ['--input-type=module', '-e', PRODUCER, lib, dir]);
  await once(child.stdout, 'data');
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function allValues(topics: Embedded['topics']): Promise<string[]> {
  const values: string[] = [];
  for (let at = START; ; ) {
    const batch = await topics.fetch('t', 0, at, 1e6);
    if (batch === null) return values;
    values.push(...valuesOf(batch));
    at = batch.next;
  }
}
