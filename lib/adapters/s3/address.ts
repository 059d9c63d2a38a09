/** `s3://BUCKET[/PREFIX][?endpoint=URL&region=R&path-style=true]`; `s3a`, `s3n` and `s3p`, Hadoop's and Flink's other names, mean the same. */
import { partsOfS3 } from '../../core/s3-url.ts';
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
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
/** Directory buckets list in no order, and know no `start-after`. */
const DIRECTORY_BUCKET = /--x-s3$/;

/** Throws OPTION_INVALID. */
export function bucketAddressOf(url: string): BucketAddress {
  const address = partsOfS3(url);
  if (address === null) throw refused(url, 'is not the address of an S3 directory', FORM);
  const { bucket, key, query = '' } = address;
  if (!BUCKET.test(bucket)) throw refused(url, `names the bucket '${bucket}': 3 to 63 lower-case letters, digits, '.' or '-' are needed`, FORM);
  if (DIRECTORY_BUCKET.test(bucket)) throw refused(url, 'names a directory bucket (S3 Express), whose listings have no order', FORM);
  const options = optionsOf(url, query, ['endpoint', 'region', 'path-style'], FORM);
  return { bucket, prefix: prefixOf(key), destination: destinationOf(url, options, FORM), ...pathStyleOf(url, options) };
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
