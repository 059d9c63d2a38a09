import { expect, test } from 'vitest';
import { BODY_MAX, bodyOf } from '../../../lib/control/rest/body.ts';

const MB = 1024 * 1024;

async function* parts(...sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (const size of sizes) yield new Uint8Array(size).fill(1);
}

test('a body is whole up to the limit, and nothing beyond it', async () => {
  expect(await bodyOf(parts())).toHaveLength(0);
  expect(await bodyOf(parts(BODY_MAX - 1, 1))).toHaveLength(BODY_MAX);
  expect(await bodyOf(parts(BODY_MAX, 1))).toBeNull();
  expect(await bodyOf(parts(1, BODY_MAX, 1, 1))).toBeNull();
});

test('what is too large is read to its end, and not kept', async () => {
  const total = 600;
  const before = process.memoryUsage().arrayBuffers;
  let [read, most] = [0, 0];
  async function* large(): AsyncGenerator<Uint8Array> {
    for (; read < total; read++) {
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      yield new Uint8Array(MB);
    }
  }
  expect(await bodyOf(large())).toBeNull();
  expect(read).toBe(total);
  expect(most).toBeLessThan((total / 2) * MB);
});
