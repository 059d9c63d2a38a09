/** Is a savepoint whole and unchanged (protocol 14.3)? A mismatch is never repaired by guessing. */
import { isError, SluiceError } from '../core/errors.ts';
import type { Blob, BlobInfo } from '../ports/blob.ts';
import type { Codec } from '../ports/runtime.ts';
import { readableJson } from './canonical-json.ts';
import { FORMAT, FORMAT_VERSION, sealed, type Metadata, type SavepointFile } from './metadata.ts';
import { compressionOf, isDataFile, METADATA } from './name.ts';
import { isObject } from './pane-fields.ts';
import { decodeText, wholeLines } from './pieces.ts';

export interface SavepointPorts {
  readonly blob: Blob;
  readonly codec: Codec;
}

const PAGE = 1000;

/** Flink's own `_metadata` begins with these bytes (Checkpoints.HEADER_MAGIC_NUMBER). */
const FLINK_MAGIC = [0x49, 0x60, 0x67, 0x2d];

/**
 * The manifest alone, verified in itself; no other file is read. `blob` is rooted at the savepoint's directory, `directory` is its name
 * in messages. Throws SAVEPOINT_NOT_FOUND, SAVEPOINT_VERSION or SAVEPOINT_CORRUPT.
 */
export async function describeSavepoint({ blob, codec }: SavepointPorts, directory: string): Promise<Metadata> {
  const bytes = await blob.get(METADATA);
  if (bytes === null) throw notFound(directory, await whyNotFound(blob));
  if (FLINK_MAGIC.every((byte, i) => bytes[i] === byte)) throw notFound(directory, `its ${METADATA} is of Flink's binary format`);
  return parseMetadata(codec, directory, bytes);
}

async function whyNotFound(blob: Blob): Promise<string> {
  const [first] = await blob.list('', { after: '', limit: 1 });
  if (first === undefined) return 'there is no such directory, or it is empty';
  return `the directory has no ${METADATA}: its export was not finished, or it is not a savepoint`;
}

const notFound = (directory: string, why: string): SluiceError =>
  new SluiceError('SAVEPOINT_NOT_FOUND', {
    message: `there is no savepoint at ${directory}: ${why}`,
    hint: `name the directory savepoint-<6 hex>-<12 hex> itself, or its ${METADATA}`,
    details: { directory },
  });

function parseMetadata(codec: Codec, directory: string, bytes: Uint8Array): Metadata {
  const text = decodeText(bytes);
  const json = text === null ? null : parseObject(text);
  if (json?.format !== FORMAT) throw corrupt(directory, METADATA, 'is not the manifest of a savepoint: it is truncated or was edited');
  if (json.minReader > FORMAT_VERSION) throw tooNew(directory, json.minReader);
  // The text as a whole, not only its hash: a difference in spaces, too, is the trace of an edit or of a disk that fails.
  if (readableJson(sealed(codec, json)) !== text) throw corrupt(directory, METADATA, 'was changed after it was written: its selfHash differs');
  if (!json.chunks.every((file) => isDataFile(file.file))) throw corrupt(directory, METADATA, 'lists a file that is not one of a savepoint');
  return json;
}

/** Trusted once its hash is right; until then only `format` and `minReader` are looked at. */
function parseObject(text: string): Metadata | null {
  try {
    const json: Metadata | null = JSON.parse(text);
    return isObject(json) ? json : null;
  } catch {
    return null;
  }
}

const tooNew = (directory: string, version: number): SluiceError =>
  new SluiceError('SAVEPOINT_VERSION', {
    message: `savepoint ${directory} needs a reader of version ${version}, this is version ${FORMAT_VERSION}`,
    hint: 'upgrade this Sluice',
    details: { directory, version },
  });

/** The manifest, and every listed file is there with its length and its hash; no file is parsed. */
export async function verifySavepoint(ports: SavepointPorts, directory: string): Promise<Metadata> {
  const metadata = await describeSavepoint(ports, directory);
  for (const file of metadata.chunks) await readVerified(ports, directory, file);
  return metadata;
}

/** The lines of a listed file, whose length and SHA-256 are as listed; some in each text. */
export async function* readDataFile(ports: SavepointPorts, directory: string, file: SavepointFile): AsyncGenerator<string> {
  const bytes = await readVerified(ports, directory, file);
  try {
    for await (const text of wholeLines(ports.codec.decompressPieces(compressionOf(file.file), bytes))) {
      if (text === null) throw notText(directory, file);
      yield text;
    }
  } catch (error) {
    throw isError(error, 'STORE_CORRUPT') ? notText(directory, file) : error;
  }
}

const notText = (directory: string, { file }: SavepointFile): SluiceError => corrupt(directory, file, 'cannot be decompressed to UTF-8 text');

async function readVerified({ blob, codec }: SavepointPorts, directory: string, file: SavepointFile): Promise<Uint8Array> {
  const bytes = await blob.get(file.file);
  if (bytes === null) throw corrupt(directory, file.file, 'is missing');
  if (bytes.length !== file.bytes) throw corrupt(directory, file.file, `has ${bytes.length} bytes where ${METADATA} lists ${file.bytes}`);
  const sha256 = codec.sha256(bytes);
  if (sha256 !== file.sha256) throw corrupt(directory, file.file, `was changed: its SHA-256 is ${sha256} where ${METADATA} lists ${file.sha256}`);
  return bytes;
}

/** Refuses a savepoint of which a listed file is missing or has another length; reads no file. */
export async function requireComplete(blob: Blob, directory: string, metadata: Metadata): Promise<void> {
  const found = new Map((await listAll(blob)).map((info) => [info.key, info.bytes]));
  for (const { file, bytes } of metadata.chunks) {
    if (found.get(file) !== bytes) throw corrupt(directory, file, `has ${found.get(file) ?? 'no'} bytes where ${METADATA} lists ${bytes}`);
  }
}

/** Everything below the root, in key order. */
export async function listAll(blob: Blob): Promise<BlobInfo[]> {
  const found: BlobInfo[] = [];
  for (;;) {
    const page = await blob.list('', { after: found.at(-1)?.key ?? '', limit: PAGE });
    if (page.length === 0) return found;
    found.push(...page);
  }
}

export function corrupt(directory: string, file: string, what: string): SluiceError {
  return new SluiceError('SAVEPOINT_CORRUPT', {
    message: `savepoint ${directory}: ${file} ${what}`,
    hint: 'put the original file back, or use another savepoint',
    details: { directory, file },
  });
}
