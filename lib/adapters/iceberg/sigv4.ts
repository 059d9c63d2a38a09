/** Requests signed with Signature Version 4, as AWS Glue and S3 Tables want them of Iceberg REST clients. */
import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { SluiceError } from '../../core/errors.ts';
import type { Runtime } from '../../ports/runtime.ts';
import type { RestRequest, Sign } from './rest-client.ts';

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Asked for every request: credentials of roles expire. */
export type CredentialProvider = () => Promise<AwsCredentials>;

export interface SigningOptions {
  readonly service: string;
  readonly region: string;
  readonly credentials: CredentialProvider;
  readonly runtime: Pick<Runtime, 'now'>;
}

/** The host of AWS's own endpoints says service and region: `glue.eu-west-1.amazonaws.com`. */
const ENDPOINT = /^(glue|s3tables)(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/;

/** Iceberg's default: an API Gateway. */
const DEFAULT_SERVICE = 'execute-api';

/** What `rest.signing-name` and `rest.signing-region` say, or else the host. Throws OPTION_INVALID where nothing says the region. */
export function signingPlace(uri: string, options: Readonly<Record<string, string>>, environmentRegion: string | undefined): { service: string; region: string } {
  const [, hostService, hostRegion] = ENDPOINT.exec(new URL(uri).hostname) ?? [];
  const region = options['rest.signing-region'] ?? hostRegion ?? options['client.region'] ?? environmentRegion;
  if (region === undefined) {
    throw new SluiceError('OPTION_INVALID', { message: `requests to ${uri} are signed for a region, and none is known`, hint: "Set 'rest.signing-region', or AWS_REGION." });
  }
  return { service: options['rest.signing-name'] ?? hostService ?? DEFAULT_SERVICE, region };
}

export function signer({ service, region, credentials, runtime }: SigningOptions): Sign {
  const v4 = new SignatureV4({ service, region, credentials, sha256: NodeSha256, applyChecksum: true });
  return async (request) => {
    const url = new URL(request.url);
    const { headers } = await v4.sign(
      {
        method: request.method,
        protocol: url.protocol,
        hostname: url.hostname,
        path: url.pathname,
        query: queryOf(url),
        headers: { ...request.headers, host: url.host },
        ...(request.body === null ? {} : { body: request.body }),
      },
      { signingDate: new Date(runtime.now()) },
    );
    // fetch sets this one itself.
    const { host: _, ...sent } = headers;
    return { ...request, headers: sent } satisfies RestRequest;
  };
}

function queryOf(url: URL): Record<string, string[]> {
  const query: Record<string, string[]> = {};
  for (const key of new Set(url.searchParams.keys())) query[key] = url.searchParams.getAll(key);
  return query;
}

type Bytes = string | ArrayBuffer | ArrayBufferView;

class NodeSha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: Bytes) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }

  update(data: Bytes): void {
    this.#hash.update(bytesOf(data));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }

  reset(): void {
    throw new SluiceError('INVARIANT', { message: 'a hash is used once' });
  }
}

function bytesOf(data: Bytes): Buffer {
  if (typeof data === 'string') return Buffer.from(data);
  return ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.from(data);
}
