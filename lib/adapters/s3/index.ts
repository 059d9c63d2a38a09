/** Objects in S3, or in anything that speaks its protocol with conditional writes. */
import type { Runtime } from '../../ports/runtime.ts';
import type { Limits } from '../aws-requests.ts';
import { bucketAddressOf } from './address.ts';
import { S3Blob } from './blob.ts';
import { Bucket } from './bucket.ts';

export { S3Blob } from './blob.ts';
export { hasLifecycle, putLifecycle } from './lifecycle.ts';

/** Opens `s3://BUCKET/PREFIX[?endpoint=URL&region=R&path-style=true]`; sends nothing yet. Throws OPTION_INVALID. */
export const openS3 = (url: string, { runtime, limits }: { runtime: Runtime; limits?: Limits | undefined }): S3Blob =>
  new S3Blob(new Bucket(bucketAddressOf(url), runtime, limits));
