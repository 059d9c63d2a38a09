/** The lifecycle of the protocol's prefixes (T7). */
import { GetBucketLifecycleConfigurationCommand, PutBucketLifecycleConfigurationCommand, type LifecycleRule, type S3Client } from '@aws-sdk/client-s3';
import { StoreError } from '../../core/errors.ts';
import type { Runtime } from '../../ports/runtime.ts';
import { failureOf } from '../aws-failure.ts';
import { orInstead, type Limits } from '../aws-requests.ts';
import { bucketAddressOf, placeOf } from './address.ts';
import { Bucket, BUCKET_HINTS, clientOf } from './bucket.ts';

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

/** Whether all of the protocol's objects below the root expire. Throws OPTION_INVALID, StoreError. */
export async function hasLifecycle(url: string, parts: { readonly runtime: Runtime; readonly limits?: Limits }): Promise<boolean> {
  const address = bucketAddressOf(url);
  const bucket = new Bucket(address, parts.runtime, parts.limits);
  try {
    const found = await bucket.request({ what: 'read lifecycle', safety: 'read' }, ({ client, options }) =>
      orInstead(client.send(new GetBucketLifecycleConfigurationCommand({ Bucket: address.bucket }), options), ['NoSuchLifecycleConfiguration'], null),
    );
    return PREFIXES.every((prefix) => found?.Rules?.some((rule) => expires(rule, address.prefix + prefix)) === true);
  } finally {
    bucket.close();
  }
}

const expires = ({ Status, Filter, Expiration }: LifecycleRule, prefix: string): boolean =>
  Status === 'Enabled' && Expiration?.Days !== undefined && Expiration.Days >= DAYS && prefix.startsWith(Filter?.Prefix ?? '');

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
