/** Where a platform lives, as its users say it: the same words on the command line and in the environment of functions. */
import { SluiceError } from '../core/errors.ts';
import { partsOfS3 } from '../core/s3-url.ts';

export interface PlaceUrls {
  /** `embedded`, or `dynamodb://TABLE[?endpoint=URL&region=REGION]`. */
  readonly store: string;
  /** `embedded`, or `s3://BUCKET/PREFIX[?endpoint=URL&region=REGION&path-style=true]`. */
  readonly blobs: string;
  /** `embedded`; `HOST:PORT,…`, the brokers of all tables; or `tables`, each table's own `properties.bootstrap.servers`. */
  readonly kafka: string;
}

export const EMBEDDED_URLS: PlaceUrls = { store: 'embedded', blobs: 'embedded', kafka: 'embedded' };

export type Brokers = { readonly kind: 'embedded' } | { readonly kind: 'tables' } | { readonly kind: 'servers'; readonly servers: string };

const PORT_MAX = 65_535;

export function brokersOf({ kafka }: PlaceUrls): Brokers {
  if (kafka === 'embedded' || kafka === 'tables') return { kind: kafka };
  if (kafka.split(',').every(isServer)) return { kind: 'servers', servers: kafka };
  throw invalid('--kafka', kafka, "It is 'embedded', HOST:PORT (several with commas; a port is at most 65535), or 'tables' for the brokers that each table names.");
}

function isServer(server: string): boolean {
  const [, port = ''] = /^[^\s,:/]+:(\d{1,5})$/.exec(server) ?? [];
  return Number(port) > 0 && Number(port) <= PORT_MAX;
}

/** True if nothing of the platform lies in the data directory, so that it runs on functions. */
export function isReal(urls: PlaceUrls): boolean {
  return !isEmbedded(urls.store) && !isEmbedded(urls.blobs) && brokersOf(urls).kind !== 'embedded';
}

/** Throws OPTION_INVALID for what cannot work together. */
export function checkUrls(urls: PlaceUrls): PlaceUrls {
  brokersOf(urls);
  requireScheme('--store', urls.store, (url) => url.startsWith('dynamodb://'), "It is 'embedded' or dynamodb://TABLE.");
  requireScheme('--blobs', urls.blobs, (url) => partsOfS3(url) !== null, "It is 'embedded' or s3://BUCKET/PREFIX.");
  if (!isEmbedded(urls.store) && isEmbedded(urls.blobs)) {
    throw invalid('--blobs', urls.blobs, 'A store that several machines share needs objects that they share: name s3://BUCKET/PREFIX.');
  }
  return urls;
}

export const isEmbedded = (url: string): boolean => url === 'embedded';

function requireScheme(option: string, url: string, isMeant: (url: string) => boolean, hint: string): void {
  if (!isEmbedded(url) && !isMeant(url)) throw invalid(option, url, hint);
}

const invalid = (option: string, value: string, hint: string): SluiceError =>
  new SluiceError('OPTION_INVALID', { message: `${option} cannot be '${value}'`, hint });
