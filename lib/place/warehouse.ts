/** Files by the absolute locations that Iceberg stores. */
import { FileBlob } from '../adapters/file/blob.ts';
import { directoriesIn, makeDirectoryAt, removeDirectoryAt } from '../adapters/file/directories.ts';
import type { FileAt, WarehouseIO } from '../adapters/iceberg/file-io.ts';
import { KeyIO } from '../adapters/iceberg/key-io.ts';
import { SluiceError } from '../core/errors.ts';
import { pathOfLocation } from '../core/file-location.ts';
import type { Blob } from '../ports/blob.ts';
import type { Runtime } from '../ports/runtime.ts';
import { openBucket } from './directories.ts';

const S3 = /^s3[an]?:\/\/([^/?]+)\/([^?]*)(\?.*)?$/i;

/** Options of Iceberg's S3FileIO that say where S3 is; credentials are those of the process. */
export type BucketOptions = Readonly<Record<string, string | undefined>>;

/**
 * Where the warehouse begins, as Iceberg writes it: `file:///PATH` or `s3://BUCKET/PREFIX`, without a slash at the end; and what its URL says
 * about S3, in the words of Iceberg's options.
 */
export function warehouseOf(url: string): { readonly location: string; readonly options: BucketOptions } {
  const path = pathOfLocation(url);
  if (path !== null) return { location: `file://${path.replace(/\/+$/, '')}`, options: {} };
  const [isS3, bucket, prefix = '', query = ''] = S3.exec(url.replace(/^(s3[an]?:\/\/[^/?]+)(?=\?|$)/i, '$1/')) ?? [];
  if (isS3 === undefined) throw unreachable(url);
  const asked = new URLSearchParams(query);
  const options = { 's3.endpoint': asked.get('endpoint') ?? undefined, 'client.region': asked.get('region') ?? undefined, 's3.path-style-access': asked.get('path-style') ?? undefined };
  return { location: `s3://${bucket}/${prefix}`.replace(/\/+$/, ''), options };
}

export interface Warehouse extends WarehouseIO {
  /** Says how buckets are reached from now on: all of them, or that of the table at `location`, for which this counts more. */
  configure(options: BucketOptions, location?: string): void;
}

/** Opens locations on the disk and in S3. */
export function openWarehouse(options: BucketOptions, runtime: Runtime): Warehouse {
  const access = new BucketAccess(options);
  const buckets = new Map<string, Blob>();
  const s3 = new KeyIO((location) => {
    const [isS3, bucket = '', key = ''] = S3.exec(location) ?? [];
    if (isS3 === undefined) throw unreachable(location);
    const url = `s3://${bucket}${queryOf(access.of(bucket))}`;
    const blob = buckets.get(url) ?? openBucket(url, runtime);
    buckets.set(url, blob);
    return { blob, key };
  });
  const file = new FileWarehouse(runtime);
  const of = (location: string): WarehouseIO => (pathOfLocation(location) === null ? s3 : file);
  return {
    at: (location) => of(location).at(location),
    directories: (location) => of(location).directories(location),
    makeDirectory: (location) => of(location).makeDirectory(location),
    removeDirectory: (location) => of(location).removeDirectory(location),
    configure: (told, location) => access.tell(told, location),
  };
}

/** What a catalog may hand out for the files of a table, for a short time. */
const VENDED = ['s3.access-key-id', 's3.secret-access-key', 's3.session-token'];

class BucketAccess {
  #options: BucketOptions;
  readonly #byBucket = new Map<string, BucketOptions>();

  constructor(options: BucketOptions) {
    this.#options = options;
  }

  tell(options: BucketOptions, location: string | undefined): void {
    const [, bucket] = location === undefined ? [] : (S3.exec(location) ?? []);
    if (bucket !== undefined) this.#byBucket.set(bucket, options);
    else if (location === undefined) this.#options = { ...this.#options, ...options };
  }

  /** Throws OPTION_INVALID for buckets that are reached with credentials of the catalog. */
  of(bucket: string): BucketOptions {
    const options = { ...this.#options, ...this.#byBucket.get(bucket) };
    const vended = VENDED.find((key) => options[key] !== undefined);
    if (vended === undefined) return options;
    throw new SluiceError('OPTION_INVALID', {
      message: `the Iceberg catalog hands out credentials for the bucket '${bucket}' ('${vended}'), which Sluice does not use yet`,
      hint: 'Have the catalog hand out none, and give the role of this process access to the bucket.',
    });
  }
}

class FileWarehouse implements WarehouseIO {
  readonly #runtime: Runtime;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  at(location: string): FileAt {
    const path = pathOf(location);
    const end = path.lastIndexOf('/');
    return { blob: new FileBlob(path.slice(0, end) || '/', this.#runtime), key: path.slice(end + 1) };
  }

  directories(location: string): Promise<readonly string[]> {
    return directoriesIn(pathOf(location));
  }

  async makeDirectory(location: string): Promise<void> {
    await makeDirectoryAt(pathOf(location));
  }

  removeDirectory(location: string): Promise<void> {
    return removeDirectoryAt(pathOf(location));
  }
}

/** The path of a location on the disk. */
export function pathOf(location: string): string {
  const path = pathOfLocation(location);
  if (path === null) throw unreachable(location);
  return path;
}

function queryOf(options: BucketOptions): string {
  const words = { endpoint: options['s3.endpoint'], region: options['client.region'] ?? options['s3.region'], 'path-style': options['s3.path-style-access'] };
  const query = new URLSearchParams(Object.entries(words).flatMap(([key, value]): [string, string][] => (value === undefined ? [] : [[key, value]])));
  return query.size === 0 ? '' : `?${query}`;
}

const unreachable = (location: string): SluiceError =>
  new SluiceError('OPTION_INVALID', { message: `'${location}' is no place that Sluice can reach`, hint: "Locations are 'file:///PATH' and 's3://BUCKET/PREFIX'." });
