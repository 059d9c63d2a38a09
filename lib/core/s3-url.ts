/** Addresses in S3, under all the names that Flink, Hadoop and Iceberg have for it. */

const SCHEME = 's3[anp]?';
const S3 = new RegExp(`^${SCHEME}:`, 'i');

/** Anything else is a directory. */
export const isS3 = (url: string): boolean => S3.test(url);

/** `s3://BUCKET/KEY?OPTIONS` of any scheme of S3: what is behind its bucket is optional; null if it is no such address. */
export function partsOfS3(url: string): { readonly bucket: string; readonly key: string; readonly query: string | undefined } | null {
  const [isAddress, bucket = '', key = '', query] = ADDRESS.exec(url) ?? [];
  return isAddress === undefined ? null : { bucket, key, query };
}

const ADDRESS = new RegExp(`^${SCHEME}://([^/?]*)(?:/([^?]*))?(?:\\?(.*))?$`, 'i');

/** Options in the address of a directory begin here; a question mark is part of the path of a file. */
export function withoutOptions(url: string): { readonly place: string; readonly options: string } {
  const at = isS3(url) ? url.indexOf('?') : -1;
  return at < 0 ? { place: url, options: '' } : { place: url.slice(0, at), options: url.slice(at) };
}
