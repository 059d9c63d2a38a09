/** The lifecycle of the protocol's prefixes (T7). */
import { GetBucketLifecycleConfigurationCommand, PutBucketLifecycleConfigurationCommand, type LifecycleRule, type S3Client } from '@aws-sdk/client-s3';
import { StoreError } from '../../core/errors.ts';
import { failureOf } from '../aws-failure.ts';
import { orInstead } from '../aws-requests.ts';
import { bucketAddressOf, placeOf } from './address.ts';
import { BUCKET_HINTS, clientOf } from './bucket.ts';

/** Must exceed LOG_TTL + CHUNK_HORIZON + 1 d (T7); `exp` of a chunk counts on it (C4). */
const DAYS = 30;
const PREFIXES = ['spill/', 'res/', 'chunks/'] as const;
/** Parts of an upload that was never completed. */
const UPLOAD_DAYS = 7;

/**
 * Lets the objects of the protocol's prefixes below the root expire, and keeps the other rules of the bucket. For the root of the protocol
 * only: savepoint directories have no lifecycle. Throws OPTION_INVALID, StoreError.
 */
export async function putLifecycle(url: string): Promise<void> {
  const address = bucketAddressOf(url);
  const client = clientOf(address);
  try {
    await merge(client, address.bucket, rulesFor(address.prefix));
  } catch (cause) {
    const { happened, reason, hint } = failureOf(cause, BUCKET_HINTS);
    throw new StoreError(happened, { message: `set lifecycle: ${reason} (${placeOf(address)})`, hint, cause });
  } finally {
    client.destroy();
  }
}

const rulesFor = (root: string): LifecycleRule[] => [
  ...PREFIXES.map((prefix): LifecycleRule => ({ ID: `sluice-${root}${prefix}`, Status: 'Enabled', Filter: { Prefix: root + prefix }, Expiration: { Days: DAYS } })),
  { ID: `sluice-${root}uploads`, Status: 'Enabled', Filter: { Prefix: root }, AbortIncompleteMultipartUpload: { DaysAfterInitiation: UPLOAD_DAYS } },
];

async function merge(client: S3Client, bucket: string, rules: readonly LifecycleRule[]): Promise<void> {
  const read = client.send(new GetBucketLifecycleConfigurationCommand({ Bucket: bucket }));
  const before = await orInstead(read, ['NoSuchLifecycleConfiguration'], null);
  const others = (before?.Rules ?? []).filter((rule) => !rules.some(({ ID }) => ID === rule.ID));
  await client.send(new PutBucketLifecycleConfigurationCommand({ Bucket: bucket, LifecycleConfiguration: { Rules: [...others, ...rules] } }));
}
