/** What the parts of a platform need before its first job, and whether they answer. */
import { SluiceError } from '../core/errors.ts';
import type { Place } from './open.ts';
import { isEmbedded, type PlaceUrls } from './urls.ts';

/**
 * Makes the DynamoDB table, or finds it as it should be, and sets the lifecycle of the bucket's objects. Throws OPTION_INVALID where neither is
 * named, StoreError.
 */
export async function preparePlace(urls: PlaceUrls): Promise<void> {
  if (isEmbedded(urls.store) && isEmbedded(urls.blobs)) {
    throw new SluiceError('OPTION_INVALID', { message: 'an embedded store needs no preparation', hint: 'name one: --store dynamodb://TABLE --blobs s3://BUCKET/PREFIX' });
  }
  if (!isEmbedded(urls.store)) await (await import('../adapters/dynamodb/index.ts')).createTable(urls.store);
  if (!isEmbedded(urls.blobs)) await (await import('../adapters/s3/index.ts')).putLifecycle(urls.blobs);
}

/**
 * Asks store and objects once, so that a wrong address is one error of the command, and not one of every job. Brokers are asked by jobs: tables may
 * say how. Throws what the parts throw.
 */
export async function requireAnswers({ workshop: { ports } }: Pick<Place, 'workshop'>, urls: PlaceUrls): Promise<void> {
  if (!isEmbedded(urls.store)) await ports.control.list('JOBS', '', { after: '', limit: 1 });
  if (!isEmbedded(urls.blobs)) await ports.blob.list('spill/', { after: '', limit: 1 });
}
