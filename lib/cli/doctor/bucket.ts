/** The bucket: an object is written, read and deleted below the prefix. */
import { randomBytes } from 'node:crypto';
import { nodeRuntime } from '../../adapters/node/runtime.ts';
import { isError } from '../../core/errors.ts';
import type { Blob } from '../../ports/blob.ts';
import { QUICK } from './examine.ts';
import { fail, ok, warn, type Check, type Finding } from './finding.ts';

const WHAT = 'bucket';
const LIFECYCLE = 'bucket lifecycle';

/** `mayWrite`: this machine runs jobs; an operator of a stack reads alone. */
export const bucket = (url: string, mayWrite: boolean): Check => ({
  what: WHAT,
  look: async () => {
    const { openS3 } = await import('../../adapters/s3/index.ts');
    const blob = openS3(url, { runtime: nodeRuntime, limits: QUICK });
    try {
      return [mayWrite ? await probed(blob) : await listed(blob), await lifecycle(url)];
    } finally {
      blob.close();
    }
  },
});

async function listed(blob: Blob): Promise<Finding> {
  await blob.list('doctor/', { after: '', limit: 1 });
  return ok(WHAT, 'can be listed');
}

/** Throws StoreError. */
export async function probed(blob: Blob): Promise<Finding> {
  const key = `doctor/${randomBytes(8).toString('hex')}`;
  const bytes = Buffer.from('sluice doctor\n');
  await blob.put(key, bytes);
  try {
    const found = await blob.get(key);
    await blob.list('doctor/', { after: '', limit: 1 });
    if (found === null || !bytes.equals(found)) return fail(WHAT, 'does not give back what was written a moment ago', 'use a bucket of S3, or of a server that is as consistent');
    // Without it two writers would overwrite each other.
    const again = await blob.put(key, bytes);
    if (again.kind === 'created') return fail(WHAT, 'knows no conditional writes (If-None-Match)', 'use S3, or a newer version of the server');
    return ok(WHAT, 'an object was written, read and deleted');
  } finally {
    await blob.remove(key);
  }
}

/** An operator need not be allowed to look. */
async function lifecycle(url: string): Promise<Finding> {
  const { hasLifecycle } = await import('../../adapters/s3/index.ts');
  try {
    if (await hasLifecycle(url, { runtime: nodeRuntime, limits: QUICK })) return ok(LIFECYCLE, 'objects that nobody needs any more expire');
    return warn(LIFECYCLE, 'objects that nobody needs any more stay for ever', 'set it: sluice store create');
  } catch (error) {
    if (!isError(error)) throw error;
    return warn(LIFECYCLE, `is not known: ${error.message}`, 'allow s3:GetLifecycleConfiguration to see it');
  }
}
