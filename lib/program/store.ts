/** Programs in the store, under their hashes: a job keeps the one that it was submitted with, whatever becomes of its files. */
import { SluiceError } from '../core/errors.ts';
import { programKey } from '../core/program-key.ts';
import type { Ports } from '../ports/ports.ts';

type Store = Pick<Ports, 'blob' | 'codec'>;

/** Before the plan that names it. What is there already stays, and counts as new: nobody removes it as unused before the plan is there. */
export async function storeProgram(store: Store, bytes: Uint8Array): Promise<void> {
  const sha = store.codec.sha256(bytes);
  if ((await store.blob.put(programKey(sha), bytes)).kind === 'created') return;
  await store.blob.renew(programKey(sha), await readProgram(store, sha));
}

/** Throws CODE_MISSING where it is not there, STORE_CORRUPT where it is another one. */
export async function readProgram({ blob, codec }: Store, sha: string): Promise<Uint8Array> {
  const bytes = await blob.get(programKey(sha));
  if (bytes === null) {
    throw new SluiceError('CODE_MISSING', {
      message: `the program of the job is not in the store: ${programKey(sha)}`,
      hint: 'submit the same files again, which stores the same program; or begin from a savepoint: sluice run FILE -s PATH',
      details: { sha },
    });
  }
  const found = codec.sha256(bytes);
  if (found === sha) return bytes;
  throw new SluiceError('STORE_CORRUPT', {
    message: `the program ${programKey(sha)} is damaged: its hash is ${found}`,
    hint: 'remove the object, then submit the program again: the same files give the same object',
    details: { sha, found },
  });
}
