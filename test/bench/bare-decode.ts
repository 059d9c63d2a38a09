/** What no engine can do without: the values of a batch in one buffer, joined by a nonce, one JSON.parse (method b4). */
import type { RecordBatch } from '../../lib/ports/source.ts';

const NONCE = '8f1d0c5b7a3e2946';
const text = new TextDecoder();

export function bareDecode({ bytes, offsets }: RecordBatch): void {
  const values: unknown[] = JSON.parse(`[${text.decode(bytes.subarray(0, bytes.length - 1)).replaceAll('\n', `,"${NONCE}",`)}]`);
  if (values.length !== 2 * offsets.length - 1) throw new Error('the join went wrong');
}
