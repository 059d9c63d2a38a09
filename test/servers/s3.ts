/** A small S3: conditional puts, ranges, checksums, listings in pages, uploads in parts. In memory; signatures are not checked. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { crc32 } from 'node:zlib';
import { listen, type RunningServer } from './listening.ts';

interface Stored {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly modified: Date;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

interface Request {
  readonly method: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface S3Server extends RunningServer {
  createBucket(name: string): void;
  /** Damages a stored object: its checksum stays. */
  damage(bucket: string, key: string): void;
  /** Requests that list keys. */
  listings(): number;
  /** Uploads that were begun, and neither completed nor aborted. */
  uploads(): number;
}

const KEYS_MAX = 1000;

/** The error answers that the laws need. */
const problem = (status: number, code: string): Answer => ({ status, body: `<Error><Code>${code}</Code><Message>${code} (test)</Message></Error>` });

export async function startS3(): Promise<S3Server> {
  const buckets = new Map<string, TestBucket>();
  const server = createServer((request, response) => {
    void handle(buckets, request).then((answer) => send(response, request.method, answer));
  });
  return {
    ...(await listen(server)),
    createBucket: (name) => void buckets.set(name, new TestBucket()),
    damage: (bucket, key) => buckets.get(bucket)?.damage(key),
    listings: () => [...buckets.values()].reduce((sum, bucket) => sum + bucket.listings, 0),
    uploads: () => [...buckets.values()].reduce((sum, bucket) => sum + bucket.uploads.size, 0),
  };
}

async function handle(buckets: ReadonlyMap<string, TestBucket>, request: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const url = new URL(request.url ?? '/', 'http://s3');
  const [, name = '', ...parts] = url.pathname.split('/');
  const bucket = buckets.get(name);
  if (bucket === undefined) return problem(404, 'NoSuchBucket');
  return bucket.answer({
    method: request.method ?? '',
    key: decodeURIComponent(parts.join('/')),
    query: url.searchParams,
    headers: request.headers,
    body: Buffer.concat(chunks),
  });
}

function send(response: ServerResponse, method: string | undefined, { status, headers, body = '' }: Answer): void {
  response.writeHead(status, { ...headers, ...(method === 'HEAD' ? {} : { 'content-length': String(Buffer.byteLength(body)) }) });
  response.end(method === 'HEAD' ? undefined : body);
}

/** A key, or all of it up to the delimiter behind the prefix. */
function rolledUp(key: string, prefix: string, delimiter: string): string {
  const at = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
  return at < 0 ? key : key.slice(0, at + delimiter.length);
}

class TestBucket {
  listings = 0;
  readonly uploads = new Map<string, Map<number, Buffer>>();
  readonly #objects = new Map<string, Stored>();
  readonly #sums = new Map<string, string>();
  #lifecycle: string | null = null;
  #nextUpload = 1;

  damage(key: string): void {
    const stored = this.#objects.get(key);
    if (stored !== undefined) this.#objects.set(key, { ...stored, bytes: Buffer.from(stored.bytes.map((byte) => byte ^ 1)) });
  }

  answer(request: Request): Answer {
    const { method, key, query } = request;
    if (query.has('lifecycle')) return this.#onLifecycle(request);
    if (key === '') return method === 'GET' ? this.#list(query) : problem(501, 'NotImplemented');
    if (query.has('uploads') || query.has('uploadId')) return this.#onUpload(request);
    if (method === 'PUT') return this.#put(request);
    if (method === 'DELETE') {
      this.#objects.delete(key);
      return { status: 204 };
    }
    return this.#get(request);
  }

  #put({ key, headers, body }: Request): Answer {
    const sum = crcOf(body);
    if ((headers['x-amz-checksum-crc32'] ?? sum) !== sum) return problem(400, 'BadDigest');
    return this.#conditionProblem(key, headers) ?? this.#store(key, body, sum);
  }

  #conditionProblem(key: string, headers: IncomingMessage['headers']): Answer | null {
    const stored = this.#objects.get(key);
    const match = headers['if-match'];
    if (headers['if-none-match'] === '*' && stored !== undefined) return problem(412, 'PreconditionFailed');
    if (match === undefined || match === stored?.etag) return null;
    return stored === undefined ? problem(404, 'NoSuchKey') : problem(412, 'PreconditionFailed');
  }

  #store(key: string, bytes: Buffer, sum: string | null): Answer {
    const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
    this.#objects.set(key, { bytes, etag, modified: new Date() });
    if (sum === null) this.#sums.delete(key);
    else this.#sums.set(key, sum);
    return { status: 200, headers: { etag, ...(sum === null ? {} : { 'x-amz-checksum-crc32': sum }) } };
  }

  #get({ key, headers }: Request): Answer {
    const stored = this.#objects.get(key);
    if (stored === undefined) return problem(404, 'NoSuchKey');
    const { bytes, etag, modified } = stored;
    const common = { etag, 'last-modified': modified.toUTCString() };
    const [isRange, from = '', to = ''] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
    const sum = this.#sums.get(key);
    if (isRange === undefined) {
      return { status: 200, headers: { ...common, 'content-length': String(bytes.length), ...(sum === undefined ? {} : { 'x-amz-checksum-crc32': sum }) }, body: bytes };
    }
    if (Number(from) >= bytes.length) return problem(416, 'InvalidRange');
    const part = bytes.subarray(Number(from), Number(to) + 1);
    return { status: 206, headers: { ...common, 'content-range': `bytes ${from}-${Number(from) + part.length - 1}/${bytes.length}` }, body: part };
  }

  /** Ordered by UTF-8 bytes; the continuation token is the last key of the page before. */
  #list(query: URLSearchParams): Answer {
    const prefix = query.get('prefix') ?? '';
    const after = Buffer.from(query.get('continuation-token') ?? query.get('start-after') ?? '');
    const limit = Math.min(KEYS_MAX, Number(query.get('max-keys') ?? KEYS_MAX));
    this.listings++;
    const delimiter = query.get('delimiter') ?? '';
    const keys = [...this.#objects.keys()].map((key) => Buffer.from(key)).filter((key) => String(key).startsWith(prefix) && Buffer.compare(key, after) > 0);
    const wanted = [...new Set(keys.toSorted(Buffer.compare).map((key) => rolledUp(String(key), prefix, delimiter)))].filter((key) => Buffer.compare(Buffer.from(key), after) > 0);
    const page = wanted.slice(0, limit);
    const isCut = wanted.length > page.length;
    const next = isCut ? `<NextContinuationToken>${escaped(page.at(-1) ?? '')}</NextContinuationToken>` : '';
    return { status: 200, body: `<ListBucketResult><IsTruncated>${isCut}</IsTruncated>${next}${page.map((key) => this.#listed(key, delimiter !== '' && key !== prefix && key.endsWith(delimiter))).join('')}</ListBucketResult>` };
  }

  #listed(key: string, isPrefix: boolean): string {
    if (isPrefix) return `<CommonPrefixes><Prefix>${escaped(key)}</Prefix></CommonPrefixes>`;
    const stored = this.#objects.get(key);
    return `<Contents><Key>${escaped(key)}</Key><Size>${stored?.bytes.length}</Size><LastModified>${stored?.modified.toISOString()}</LastModified></Contents>`;
  }

  #onUpload(request: Request): Answer {
    const { method, key, query } = request;
    if (query.has('uploads')) {
      const id = `upload-${this.#nextUpload++}`;
      this.uploads.set(id, new Map());
      return { status: 200, body: `<InitiateMultipartUploadResult><Key>${escaped(key)}</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>` };
    }
    const id = query.get('uploadId') ?? '';
    const parts = this.uploads.get(id);
    if (parts === undefined) return problem(404, 'NoSuchUpload');
    if (method === 'PUT') return putPart(parts, request);
    if (method === 'POST') return this.#complete(id, parts, request);
    this.uploads.delete(id);
    return { status: 204 };
  }

  #complete(id: string, parts: ReadonlyMap<number, Buffer>, { key, headers, body }: Request): Answer {
    const refusal = this.#conditionProblem(key, headers);
    if (refusal !== null) return refusal;
    const listed = [...String(body).matchAll(/<PartNumber>(\d+)<\/PartNumber>/g)].map((match) => parts.get(Number(match[1])));
    if (listed.length !== parts.size || listed.includes(undefined)) return problem(400, 'InvalidPart');
    this.#store(key, Buffer.concat(listed.flatMap((part) => part ?? [])), null);
    this.uploads.delete(id);
    return { status: 200, body: `<CompleteMultipartUploadResult><Key>${escaped(key)}</Key></CompleteMultipartUploadResult>` };
  }

  #onLifecycle({ method, body }: Request): Answer {
    if (method === 'PUT') this.#lifecycle = String(body);
    return this.#lifecycle === null ? problem(404, 'NoSuchLifecycleConfiguration') : { status: 200, body: this.#lifecycle };
  }
}

function putPart(parts: Map<number, Buffer>, { query, headers, body }: Request): Answer {
  const sum = crcOf(body);
  if ((headers['x-amz-checksum-crc32'] ?? sum) !== sum) return problem(400, 'BadDigest');
  parts.set(Number(query.get('partNumber')), body);
  return { status: 200, headers: { etag: `"${sum}"`, 'x-amz-checksum-crc32': sum } };
}

function crcOf(bytes: Uint8Array): string {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum.toString('base64');
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
