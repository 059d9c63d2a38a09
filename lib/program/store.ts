/** Programs in the store, under their hashes: a job keeps the one that it was submitted with, whatever becomes of its files. */
import { SluiceError } from '../core/errors.ts';
import type { Ports } from '../ports/ports.ts';

type Store = Pick<Ports, 'blob' | 'codec'>;

const keyOf = (sha: string): string => `programs/${sha}.mjs`;

/** Before the plan that names it. What is there already stays. */
export async function storeProgram({ blob, codec }: Store, bytes: Uint8Array): Promise<void> {
  await blob.put(keyOf(codec.sha256(bytes)), bytes);
}

/** Throws CODE_MISSING where it is not there, STORE_CORRUPT where it is another one. */
export async function readProgram({ blob, codec }: Store, sha: string): Promise<Uint8Array> {
  const bytes = await blob.get(keyOf(sha));
  if (bytes === null) {
    throw new SluiceError('CODE_MISSING', {
      message: `the program of the job is not in the store: ${keyOf(sha)}`,
      hint: 'submit the same files again, which stores the same program; or begin from a savepoint: sluice run FILE -s PATH',
      details: { sha },
    });
  }
  const found = codec.sha256(bytes);
  if (found === sha) return bytes;
  throw new SluiceError('STORE_CORRUPT', {
    message: `the program ${keyOf(sha)} is damaged: its hash is ${found}`,
    hint: 'remove the object, then submit the program again: the same files give the same object',
    details: { sha, found },
  });
}
