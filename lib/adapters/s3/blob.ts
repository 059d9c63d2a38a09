/** Objects below a prefix of a bucket. Keys are ordered by their UTF-8 bytes, as S3 lists them. */
import { DeleteObjectCommand, GetObjectCommand, HeadObjectCommand, ListObjectsV2Command, type _Object as ListedObject } from '@aws-sdk/client-s3';
import { SluiceError, StoreError } from '../../core/errors.ts';
import type { Blob, BlobInfo, BlobPut } from '../../ports/blob.ts';
import { orInstead } from '../aws-requests.ts';
import { NO_OBJECT, transferTime, type Bucket } from './bucket.ts';
import { PART_BYTES, write } from './write.ts';

/** S3 lists no more at once. */
const LIST_MAX = 1000;

/** How often a condition may fail on an object that is gone when one looks: somebody puts and removes it all the time. */
const TRIES = 4;

/** An object of unknown size is expected to be no larger, in bytes, as far as the time of its transfer goes. */
const LARGE = 64 * 1024 * 1024;

/** An object as it was read. */
interface Stored {
  readonly bytes: Uint8Array;
  readonly etag: string;
}

export class S3Blob implements Blob {
  readonly #bucket: Bucket;

  constructor(bucket: Bucket) {
    this.#bucket = bucket;
  }

  /** Conditional (I3). One that is repeated because its answer was lost reports itself as existing. Many bytes are not sent before one has looked. */
  async put(key: string, bytes: Uint8Array): Promise<BlobPut> {
    const present = bytes.length > PART_BYTES ? await this.#info(key) : null;
    if (present !== null) return { kind: 'exists', info: present };
    for (let tries = 0; tries < TRIES; tries++) {
      if (await write(this.#bucket, { key, bytes, condition: { IfNoneMatch: '*' } })) return { kind: 'created' };
      const info = await this.#info(key);
      if (info !== null) return { kind: 'exists', info };
    }
    throw contended(key);
  }

  /** Writes the same bytes over what is there, on the condition that it is still what was compared: S3 has no other way to change a date. */
  async renew(key: string, bytes: Uint8Array): Promise<void> {
    for (let tries = 0; tries < TRIES; tries++) {
      const stored = await this.#read(key);
      if (stored !== null && Buffer.compare(stored.bytes, bytes) !== 0) {
        throw new SluiceError('INVARIANT', { message: `renew of ${key} with other bytes (I3)`, details: { key } });
      }
      const condition = stored === null ? ({ IfNoneMatch: '*' } as const) : { IfMatch: stored.etag };
      if (await write(this.#bucket, { key, bytes, condition })) return;
    }
    throw contended(key);
  }

  async get(key: string, range?: { start: number; end: number }): Promise<Uint8Array | null> {
    const isEmpty = range !== undefined && range.start >= range.end;
    const stored = isEmpty ? null : await this.#read(key, range);
    if (stored !== null || range === undefined) return stored?.bytes ?? null;
    return (await this.#info(key)) === null ? null : new Uint8Array(0);
  }

  async list(prefix: string, { after, limit }: { after: string; limit: number }): Promise<readonly BlobInfo[]> {
    const root = this.#bucket.prefix;
    const found: BlobInfo[] = [];
    let token: string | undefined;
    do {
      const input = {
        Bucket: this.#bucket.name,
        Prefix: root + prefix,
        MaxKeys: Math.min(limit - found.length, LIST_MAX),
        ...(after === '' ? {} : { StartAfter: root + after }),
        ...(token === undefined ? {} : { ContinuationToken: token }),
      };
      const page = await this.#bucket.request({ what: `list ${prefix}`, safety: 'read' }, ({ client, options }) => client.send(new ListObjectsV2Command(input), options));
      found.push(...(page.Contents ?? []).flatMap((object) => infoOf(object, root)));
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (token !== undefined && found.length < limit);
    return found;
  }

  async folders(prefix: string, limit: number): Promise<readonly string[]> {
    const root = this.#bucket.prefix + prefix;
    const found: string[] = [];
    let token: string | undefined;
    do {
      const input = { Bucket: this.#bucket.name, Prefix: root, Delimiter: '/', MaxKeys: LIST_MAX, ...(token === undefined ? {} : { ContinuationToken: token }) };
      const page = await this.#bucket.request({ what: `list the folders of ${prefix}`, safety: 'read' }, ({ client, options }) => client.send(new ListObjectsV2Command(input), options));
      found.push(...(page.CommonPrefixes ?? []).flatMap(({ Prefix: path }) => (path === undefined ? [] : [path.slice(root.length, -1)])));
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (token !== undefined && found.length < limit);
    return found.slice(0, limit);
  }

  async remove(key: string): Promise<void> {
    await this.#bucket.request({ what: `remove ${key}`, safety: 'repeatable' }, ({ client, options }) =>
      client.send(new DeleteObjectCommand(this.#bucket.at(key)), options),
    );
  }

  /** Closes the connections. */
  close(): void {
    this.#bucket.close();
  }

  async #info(key: string): Promise<BlobInfo | null> {
    const head = await this.#bucket.request({ what: `look at ${key}`, safety: 'read' }, ({ client, options }) =>
      orInstead(client.send(new HeadObjectCommand(this.#bucket.at(key)), options), NO_OBJECT, null),
    );
    return head === null ? null : { key, bytes: head.ContentLength ?? 0, modifiedAt: head.LastModified?.getTime() ?? 0 };
  }

  /** null if there is no object, or nothing of it in the range. */
  async #read(key: string, range?: { start: number; end: number }): Promise<Stored | null> {
    const input = { ...this.#bucket.at(key), ChecksumMode: 'ENABLED', ...(range === undefined ? {} : { Range: `bytes=${range.start}-${range.end - 1}` }) } as const;
    const extra = transferTime(range === undefined ? LARGE : range.end - range.start);
    try {
      return await this.#bucket.request({ what: `get ${key}`, safety: 'read', extra }, async ({ client, options }) => {
        const answer = await orInstead(client.send(new GetObjectCommand(input), options), [...NO_OBJECT, 'InvalidRange'], null);
        return answer === null ? null : { bytes: (await answer.Body?.transformToByteArray()) ?? new Uint8Array(0), etag: answer.ETag ?? '' };
      });
    } catch (error) {
      throw isDamaged(error) ? corrupt(key, error) : error;
    }
  }
}

/** The object that a console makes for the folder itself is none of the keys. */
function infoOf({ Key = '', Size = 0, LastModified }: ListedObject, root: string): BlobInfo[] {
  return Key === root ? [] : [{ key: Key.slice(root.length), bytes: Size, modifiedAt: LastModified?.getTime() ?? 0 }];
}

/** The SDK compared the checksum that was stored with the object, in every attempt. */
const isDamaged = (error: unknown): boolean => error instanceof StoreError && error.cause instanceof Error && error.cause.message.startsWith('Checksum mismatch');

const corrupt = (key: string, cause: unknown): SluiceError =>
  new SluiceError('STORE_CORRUPT', { message: `${key} does not match its checksum`, hint: 'put a copy of the object in its place', details: { key }, cause });

const contended = (key: string): StoreError => new StoreError('no', { message: `${key} appears and vanishes all the time`, hint: 'look for who removes it' });
