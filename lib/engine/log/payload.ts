/** Payloads: inline below a size, else an object that is written before the entry that refers to it (W3). */
import { SluiceError } from '../../core/errors.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Payload } from './entries.ts';

/** Stores a large payload under `key`, which no other content may ever have (I3). */
export async function storePayload(
  ports: Pick<Ports, 'blob' | 'codec'>,
  bytes: Uint8Array,
  inlineMax: number,
  key: (sha: string) => string,
): Promise<Payload> {
  if (bytes.length <= inlineMax) return { kind: 'inline', bytes };
  const sha = ports.codec.sha256(bytes);
  const name = key(sha);
  await ports.blob.put(name, bytes);
  return { kind: 'blob', key: name, sha, bytes: bytes.length };
}

/** The bytes of a payload; a missing or different object fails closed (I-REF). */
export async function loadPayload(ports: Pick<Ports, 'blob' | 'codec'>, payload: Payload): Promise<Uint8Array> {
  if (payload.kind === 'inline') return payload.bytes;
  const bytes = await ports.blob.get(payload.key);
  if (bytes === null || ports.codec.sha256(bytes) !== payload.sha) {
    throw new SluiceError('STORE_CORRUPT', {
      message: `object ${payload.key}, which a log entry refers to, is ${bytes === null ? 'missing' : 'damaged'}`,
      hint: 'resume the job from a savepoint',
      details: { key: payload.key },
    });
  }
  return bytes;
}
