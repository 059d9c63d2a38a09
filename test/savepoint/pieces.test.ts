/** Files are written and read piece by piece: no text is held as a whole. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodeCodec } from '../../lib/adapters/node/codec.ts';
import type { JsonValue } from '../../lib/core/plan.ts';
import type { Codec } from '../../lib/ports/runtime.ts';
import { openSavepoint } from '../../lib/savepoint/open.ts';
import { encodedPieces, wholeLines } from '../../lib/savepoint/pieces.ts';
import { writeSavepoint } from '../../lib/savepoint/write.ts';
import { Disk, nameOf } from './fixture.ts';
import { functionContent, heldColumns, heldIn, processNode, stateSpec } from './functions.ts';

const textOf = (bytes: Uint8Array): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);

async function* cut(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

test('texts become bytes, and those texts of whole lines, however they are cut', async () => {
  const text = fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.constantFrom(1, 500, 9000)), { minLength: 1, maxLength: 12 }).map((parts) => parts.map(([part, times]) => part.repeat(times)));
  await fc.assert(
    fc.asyncProperty(text, fc.constantFrom(1000, 16_384, 65_537), async (texts, size) => {
      const all = texts.join('\n').toWellFormed();
      const bytes = Buffer.concat([...encodedPieces(texts.flatMap((one, i) => (i === 0 ? [one] : ['\n', one])).map((one) => one.toWellFormed()))]);
      expect(textOf(bytes) === all).toBe(true);
      const lines = await collected(wholeLines(cut(bytes, size)));
      expect(lines.join('') === all).toBe(true);
      expect(lines.slice(0, -1).every((line) => line?.endsWith('\n'))).toBe(true);
    }),
    { numRuns: 100 },
  );
});

test('bytes that are no UTF-8 are told, also where a character ends too early', async () => {
  expect(await collected(wholeLines(cut(Uint8Array.of(0xff, 10), 1)))).toEqual([null]);
  expect(await collected(wholeLines(cut(Uint8Array.of(97, 0xc3), 1)))).toEqual([null]);
});

/** One key with many entries. */
function largeMap(entries: number): ReturnType<typeof functionContent> {
  const node = processNode('counts', [stateSpec('per-user', 'map')]);
  const cell: JsonValue[] = Array.from({ length: entries }, (_, i) => [`user-${i}`, { count: i, name: `Zoë ${i}` }]);
  return functionContent(node, [heldColumns(node, [['all', [cell]]])]);
}

/** Counts what the largest piece is that goes through. */
class Gauge {
  largest = 0;
  readonly codec: Codec = { ...nodeCodec, compressPieces: (kind, pieces) => nodeCodec.compressPieces(kind, this.#measured(pieces)) };

  *#measured(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
    for (const piece of pieces) {
      this.largest = Math.max(this.largest, piece.length);
      yield piece;
    }
  }
}

test.each(['none', 'gzip', 'zstd'] as const)('the many entries of one key are written in small pieces, with %s to the bytes of the whole text, and come back', async (compression) => {
  const content = largeMap(100_000);
  const [disk, gauge] = [new Disk(), new Gauge()];
  await writeSavepoint({ blob: disk.target, codec: gauge.codec }, nameOf(content), content, { compression });
  expect(gauge.largest).toBeGreaterThan(50_000);
  expect(gauge.largest).toBeLessThan(100_000);
  const [plain, packed] = await Promise.all([filesOf(content, 'none'), disk.files(content)]);
  const data = (files: Map<string, Uint8Array>): Uint8Array => [...files].find(([name]) => name !== '_metadata')?.[1] ?? new Uint8Array();
  expect(Buffer.compare(data(packed), nodeCodec.compress(compression, data(plain)))).toBe(0);
  const { content: opened } = await openSavepoint(await disk.copyOf(content), 'dir');
  expect(heldIn(opened.functions[0]?.panes ?? [])).toEqual(heldIn(content.functions[0]?.panes ?? []));
});

async function filesOf(content: ReturnType<typeof functionContent>, compression: 'none'): Promise<Map<string, Uint8Array>> {
  const disk = new Disk();
  await disk.write(content, compression);
  return disk.files(content);
}
