/** The bucket: requests to it, and which refusals are answers. */
import { S3Client } from '@aws-sdk/client-s3';
import type { Runtime } from '../../ports/runtime.ts';
import type { Hints } from '../aws-failure.ts';
import { CLIENT_OPTIONS, Requests, type Limits, type Request } from '../aws-requests.ts';
import { placeOf, type BucketAddress } from './address.ts';

/** Slowest transfer that is waited for, in bytes per ms; a connection on which nothing moves at all is given up much earlier. */
const SLOWEST = 100;

/** Where `send` of a request goes, and with which options. */
export interface Attempt {
  readonly client: S3Client;
  readonly options: { readonly abortSignal: AbortSignal };
}

/** Time that the transfer of so many bytes may take beyond that of a small object, in ms. */
export const transferTime = (bytes: number): number => bytes / SLOWEST;

export const BUCKET_HINTS: Hints = {
  NoSuchBucket: 'create the bucket, or correct its name, the region or the endpoint',
};

export class Bucket {
  readonly name: string;
  readonly prefix: string;
  readonly #client: S3Client;
  readonly #requests: Requests;

  constructor(address: BucketAddress, runtime: Runtime, limits?: Limits) {
    this.name = address.bucket;
    this.prefix = address.prefix;
    this.#client = clientOf(address);
    this.#requests = new Requests({ runtime, place: placeOf(address), hints: BUCKET_HINTS, limits });
  }

  /** What every request about one object begins with. */
  at(key: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.name, Key: this.prefix + key };
  }

  /** Throws StoreError. */
  request<T>(request: Request, send: (attempt: Attempt) => Promise<T>): Promise<T> {
    return this.#requests.run(request, (abortSignal) => send({ client: this.#client, options: { abortSignal } }));
  }

  close(): void {
    this.#client.destroy();
  }
}

/** A client that repeats nothing on its own. */
export const clientOf = ({ destination, isPathStyle = hasEndpoint(destination.endpoint) }: BucketAddress): S3Client =>
  new S3Client({ ...CLIENT_OPTIONS, ...destination, forcePathStyle: isPathStyle });

/** Servers other than AWS's hardly ever have a host name per bucket. */
const hasEndpoint = (endpoint: string | undefined): boolean => (endpoint ?? process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL']) !== undefined;

/** A HEAD has no body, so its errors are named by status. */
export const NO_OBJECT: readonly string[] = ['NoSuchKey', 'NotFound'];
