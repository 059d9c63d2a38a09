/** Damage in the store: one flipped bit anywhere in an entry, or in an object that an entry refers to, is an error that names the place. */
import { describe, expect, test } from 'vitest';
import { isError, StoreError } from '../../lib/core/errors.ts';
import { seq } from '../../lib/core/numbers.ts';
import { decodeChunk } from '../../lib/engine/checkpoint/pack.ts';
import { coordinatorLog, partitionLog } from '../../lib/engine/keys.ts';
import { decodeCoordinatorEntry, decodePartitionEntry } from '../../lib/engine/log/codec.ts';
import type { LogItem, LogKey } from '../../lib/ports/log.ts';
import { nodeCodec } from '../../lib/adapters/node/codec.ts';
import { MINUTE, P0, Stack } from './stack.ts';

/** A job whose logs hold every kind of entry that a running job writes. */
async function withHistory(settings = {}): Promise<Stack> {
  const stack = await Stack.create({ settings });
  stack.produce([['click', 10], ['click', 120]]);
  await stack.deliver(stack.writer());
  await stack.firer().step();
  stack.runtime.advance(3 * 24 * 60 * MINUTE);
  await stack.firer().step();
  await stack.stop();
  return stack;
}

const decoder = new TextDecoder();

/** The text with one bit of one byte flipped, as a store that keeps UTF-8 gives it back. */
function flipText(text: string, at: number): string {
  const bytes = Buffer.from(text);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return decoder.decode(bytes);
}

/** Every damaged form of an item: each byte of its body and of its payload. */
function* damaged(item: LogItem): Generator<LogItem> {
  for (let at = 0; at < Buffer.byteLength(item.body); at++) yield { ...item, body: flipText(item.body, at) };
  for (let at = 0; at < (item.data?.length ?? 0); at++) {
    const data = item.data?.slice() ?? new Uint8Array();
    data[at] = (data[at] ?? 0) ^ 1;
    yield { ...item, data };
  }
}

const LOGS: readonly [string, (stack: Stack) => LogKey, (log: LogKey, item: LogItem) => unknown, readonly string[]][] = [
  ['partition', ({ job }) => partitionLog(job.id, job.g, P0), (log, item) => decodePartitionEntry(nodeCodec, log, item), ['INIT', 'DATA', 'KEEP', 'FROZEN']],
  ['coordinator', ({ job }) => coordinatorLog(job.id, job.g), (log, item) => decodeCoordinatorEntry(nodeCodec, log, item), ['INIT', 'FIRE', 'ACK', 'RENEW', 'CHECKPOINT', 'CLOSE']],
];

describe.each(LOGS)('an entry of a %s log', (_, keyOf, decode, kinds) => {
  test('is refused with any byte of it damaged, and named', async () => {
    const stack = await withHistory();
    const log = keyOf(stack);
    for (const item of stack.stores.log.entries(log)) {
      expect(() => decode(log, item)).not.toThrow();
      for (const other of damaged(item)) {
        expect(() => decode(log, other)).toThrow(
          expect.toSatisfy((error) => isError(error, 'STORE_CORRUPT') && error.details['log'] === log && error.details['seq'] === item.seq),
        );
      }
    }
  });

  test('is refused under another number, with another id or lifetime, or without its payload', async () => {
    const stack = await withHistory();
    const log = keyOf(stack);
    for (const item of stack.stores.log.entries(log)) {
      const others = [{ ...item, seq: seq(item.seq + 1) }, { ...item, id: 'f'.repeat(16) }, { ...item, ttl: item.ttl + 1 }, ...(item.data === null ? [] : [{ ...item, data: null }])];
      for (const other of others) expect(() => decode(log, other)).toThrow(/checksum/);
    }
  });

  test('was tried in all its kinds', async () => {
    const stack = await withHistory();
    const found = (keyOf(stack).endsWith('#C') ? await stack.coordinator() : await stack.partition()).map((e) => e.kind);
    expect([...new Set(found)].sort()).toEqual([...kinds].sort());
  });
});

describe('an object that an entry refers to', () => {
  /** A job whose payloads are objects; `part` is damaged or gone. */
  const damage = async (part: string, how: 'damaged' | 'missing'): Promise<Stack> => {
    const stack = await Stack.start({ settings: { spillInlineMax: 0, resultInlineMax: 0 } });
    stack.produce([['click', 10], ['click', 120]]);
    await stack.deliver(stack.writer());
    const get = stack.stores.blob.get.bind(stack.stores.blob);
    stack.stores.blob.get = async (key, range) => {
      const bytes = await get(key, range);
      if (!key.startsWith(part) || bytes === null) return bytes;
      if (how === 'missing') return null;
      bytes[1] = (bytes[1] ?? 0) ^ 1;
      return bytes;
    };
    return stack;
  };

  /** A firer knows the rows of its own FIRE; the object is read by whoever helps. */
  const fireWithoutEmission = async (stack: Stack): Promise<void> => {
    const { sinks } = stack.stores;
    const open = sinks.open.bind(sinks);
    sinks.open = () => Promise.reject(new StoreError('no', { message: 'the sink is down' }));
    expect(await stack.firer().step()).toMatchObject({ kind: 'waiting' });
    sinks.open = open;
    stack.runtime.advance(stack.job.settings.helpAfterMs);
  };

  test.each([['spill', 'damaged'], ['spill', 'missing'], ['res', 'damaged'], ['res', 'missing']] as const)('of %s/ is %s', async (part, how) => {
    const stack = await damage(part, how);
    if (part === 'res') await fireWithoutEmission(stack);
    const error: unknown = await stack.firer().step().catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'STORE_CORRUPT', kind: 'lost', details: { key: expect.stringMatching(`^${part}/`) } });
    expect(stack.rows()).toEqual([]);
  });
});

test('a chunk of a newer Sluice is refused as well', () => {
  const chunk = new TextEncoder().encode(JSON.stringify({ fmt: 2, operators: {} }));
  expect(() => decodeChunk(chunk)).toThrow(expect.toSatisfy((error) => isError(error, 'FORMAT_VERSION')));
});

test('an entry of a newer Sluice is refused, not guessed at (V5)', async () => {
  const stack = await Stack.start();
  const log = partitionLog(stack.job.id, stack.job.g, P0);
  const [item] = stack.stores.log.entries(log);
  if (item === undefined) throw new Error('INIT is there');
  const text = item.body.slice(16).replace('"fmt":1', '"fmt":2');
  const sum = nodeCodec.crc32(`${item.seq}#${item.id}#${item.ttl}#${text}`).toString(16).padStart(8, '0');
  expect(() => decodePartitionEntry(nodeCodec, log, { ...item, body: `${sum}00000000${text}` })).toThrow(
    expect.toSatisfy((error) => isError(error, 'FORMAT_VERSION')),
  );
});
