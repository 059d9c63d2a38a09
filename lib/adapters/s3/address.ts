/** `s3://BUCKET[/PREFIX][?endpoint=URL&region=R&path-style=true]`; `s3a` and `s3p`, Flink's other names, mean the same. */
import { destinationOf, optionsOf, refused, type Destination } from '../aws-address.ts';

export interface BucketAddress {
  readonly bucket: string;
  /** Empty, or ends with `/`. */
  readonly prefix: string;
  readonly destination: Destination;
  /** Absent: what the endpoint suggests. */
  readonly isPathStyle?: boolean;
}

const FORM = 's3://BUCKET/PREFIX[?endpoint=URL&region=REGION&path-style=true]';
const ADDRESS = /^s3[ap]?:\/\/([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/;
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
/** Directory buckets list in no order, and know no `start-after`. */
const DIRECTORY_BUCKET = /--x-s3$/;

/** Throws OPTION_INVALID. */
export function bucketAddressOf(url: string): BucketAddress {
  const [isAddress, bucket = '', path = '', query = ''] = ADDRESS.exec(url) ?? [];
  if (isAddress === undefined) throw refused(url, 'is not the address of an S3 directory', FORM);
  if (!BUCKET.test(bucket)) throw refused(url, `names the bucket '${bucket}': 3 to 63 lower-case letters, digits, '.' or '-' are needed`, FORM);
  if (DIRECTORY_BUCKET.test(bucket)) throw refused(url, 'names a directory bucket (S3 Express), whose listings have no order', FORM);
  const options = optionsOf(url, query, ['endpoint', 'region', 'path-style'], FORM);
  return { bucket, prefix: prefixOf(path), destination: destinationOf(url, options, FORM), ...pathStyleOf(url, options) };
}

/** For messages. */
export const placeOf = ({ bucket, prefix, destination: { endpoint } }: BucketAddress): string =>
  `s3://${bucket}/${prefix}${endpoint === undefined ? '' : ` at ${endpoint}`}`;

function prefixOf(path: string): string {
  const trimmed = path.replace(/\/+$/, '');
  return trimmed === '' ? '' : `${trimmed}/`;
}

function pathStyleOf(url: string, options: URLSearchParams): { isPathStyle?: boolean } {
  const value = options.get('path-style');
  if (value === null) return {};
  if (value !== 'true' && value !== 'false') throw refused(url, `has path-style=${value}, which is neither true nor false`, FORM);
  return { isPathStyle: value === 'true' };
}
