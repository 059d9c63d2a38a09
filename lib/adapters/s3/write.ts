/** Writing an object whole, on a condition: in one request, or in parts. */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
  type CompletedPart,
} from '@aws-sdk/client-s3';
import { StoreError } from '../../core/errors.ts';
import { orInstead } from '../aws-requests.ts';
import { transferTime, type Bucket } from './bucket.ts';

/** Larger objects are uploaded in parts of this size. */
export const PART_BYTES = 8 * 1024 * 1024;
/** Parts under way at once. */
const PARALLEL = 4;

/** `IfNoneMatch: '*'`: nothing is there. `IfMatch`: what is there has this ETag. */
export type Condition = { readonly IfNoneMatch: '*' } | { readonly IfMatch: string };

/** An object that is about to be written. */
export interface Draft {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly condition: Condition;
}

const CHECKSUM = { ChecksumAlgorithm: 'CRC32' } as const;
const NOT_MET = ['PreconditionFailed'];
/** A lost race of uploads in parts cannot be repeated with the same upload; where what was to be replaced has vanished, nothing can match. */
const NOT_COMPLETED = [...NOT_MET, 'ConditionalRequestConflict', 'NoSuchKey'];

/** False: the condition does not hold, and nothing was written. Throws StoreError. */
export const write = (bucket: Bucket, draft: Draft): Promise<boolean> =>
  draft.bytes.length > PART_BYTES ? writeInParts(bucket, draft) : writeAtOnce(bucket, draft);

async function writeAtOnce(bucket: Bucket, { key, bytes, condition }: Draft): Promise<boolean> {
  const put = { ...bucket.at(key), ...condition, ...CHECKSUM, Body: bytes };
  const answer = await bucket.request({ what: `put ${key}`, safety: 'repeatable', extra: transferTime(bytes.length) }, ({ client, options }) =>
    orInstead(client.send(new PutObjectCommand(put), options), [...NOT_MET, 'NoSuchKey'], null),
  );
  return answer !== null;
}

async function writeInParts(bucket: Bucket, draft: Draft): Promise<boolean> {
  const upload = await begin(bucket, draft.key);
  try {
    if (await complete(bucket, draft, upload, await parts(bucket, draft, upload))) return true;
  } catch (error) {
    await abort(bucket, draft.key, upload);
    throw error;
  }
  await abort(bucket, draft.key, upload);
  return false;
}

async function begin(bucket: Bucket, key: string): Promise<string> {
  const { UploadId } = await bucket.request({ what: `begin upload of ${key}`, safety: 'repeatable' }, ({ client, options }) =>
    client.send(new CreateMultipartUploadCommand({ ...bucket.at(key), ...CHECKSUM }), options),
  );
  if (UploadId === undefined) throw new StoreError('no', { message: `begin upload of ${key}: the answer has no upload id` });
  return UploadId;
}

/** Uploads all parts, a few at once; after a failure no further one is begun, and those under way are awaited. */
async function parts(bucket: Bucket, draft: Draft, upload: string): Promise<readonly CompletedPart[]> {
  const count = Math.ceil(draft.bytes.length / PART_BYTES);
  const done: CompletedPart[] = [];
  let next = 1;
  const worker = async (): Promise<void> => {
    while (next <= count) {
      const number = next++;
      try {
        done[number - 1] = await part(bucket, draft, upload, number);
      } catch (error) {
        next = count + 1;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: PARALLEL }, worker));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return done;
}

async function part(bucket: Bucket, { key, bytes }: Draft, upload: string, number: number): Promise<CompletedPart> {
  const body = bytes.subarray((number - 1) * PART_BYTES, number * PART_BYTES);
  const what = `upload part ${number} of ${key}`;
  const { ETag, ChecksumCRC32 } = await bucket.request({ what, safety: 'repeatable', extra: transferTime(body.length) }, ({ client, options }) =>
    client.send(new UploadPartCommand({ ...bucket.at(key), ...CHECKSUM, UploadId: upload, PartNumber: number, Body: body }), options),
  );
  return { PartNumber: number, ETag, ChecksumCRC32 };
}

async function complete(bucket: Bucket, { key, bytes, condition }: Draft, upload: string, Parts: readonly CompletedPart[]): Promise<boolean> {
  const input = { ...bucket.at(key), ...condition, UploadId: upload, MultipartUpload: { Parts: [...Parts] } };
  const answer = await bucket.request({ what: `complete ${key}`, safety: 'repeatable', extra: transferTime(bytes.length) }, ({ client, options }) =>
    orInstead(client.send(new CompleteMultipartUploadCommand(input), options), NOT_COMPLETED, null),
  );
  return answer !== null;
}

/** Parts that nobody completes are paid for. What fails here is left to the lifecycle: the reason for the abort is what the caller must hear. */
async function abort(bucket: Bucket, key: string, upload: string): Promise<void> {
  try {
    await bucket.request({ what: `abort upload of ${key}`, safety: 'repeatable' }, ({ client, options }) =>
      client.send(new AbortMultipartUploadCommand({ ...bucket.at(key), UploadId: upload }), options),
    );
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
  }
}
