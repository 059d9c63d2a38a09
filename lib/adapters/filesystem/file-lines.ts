/** Lines of a file that is complete: the last one needs no newline. */
import { open, type FileHandle } from 'node:fs/promises';
import { SluiceError } from '../../core/errors.ts';
import { reading, type ListedFile } from './file-list.ts';

const NEWLINE = 10;
const RETURN = 13;
/** A line that does not fit is read again with this many times the space. */
const GROWTH = 4;
const LINE_BYTES_MAX = 64 * 1024 * 1024;

/** Whole lines; places count in the file, those of `starts` and `ends` in `bytes`. */
export interface FileLines {
  readonly bytes: Uint8Array;
  readonly starts: readonly number[];
  /** Without the newline, and a carriage return in front of it. */
  readonly ends: readonly number[];
  /** Where `bytes` begins. */
  readonly at: number;
  /** Behind the last line. */
  readonly next: number;
}

/** About `maxBytes` of lines from `at` on, where one begins; none at the end of the file. Throws as `requireUnchanged`. */
export async function linesAt(file: ListedFile, at: number, maxBytes: number): Promise<FileLines> {
  return opened(file, async (handle) => {
    for (let want = Math.max(1, maxBytes); ; want *= GROWTH) {
      const bytes = await bytesAt(handle, at, Math.min(want, file.size - at));
      const isEnd = at + bytes.length === file.size;
      const end = isEnd ? bytes.length : bytes.lastIndexOf(NEWLINE) + 1;
      if (end > 0 || isEnd) return { ...split(bytes.subarray(0, end)), at, next: at + end };
      if (want > LINE_BYTES_MAX) throw tooLong(file, at);
    }
  });
}

/** Throws TOPIC_TRUNCATED if the file is no longer what was listed. */
async function opened<T>(file: ListedFile, use: (handle: FileHandle) => Promise<T>): Promise<T> {
  return reading(file.path, async () => {
    const handle = await open(file.path, 'r');
    try {
      const result = await use(handle);
      const { size, mtimeNs } = await handle.stat({ bigint: true });
      if (Number(size) !== file.size || mtimeNs !== file.modifiedAt) throw changed(`'${file.path}' was changed while it was read`);
      return result;
    } finally {
      await handle.close();
    }
  });
}

async function bytesAt(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(bytes, filled, length - filled, at + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

function split(bytes: Buffer): Pick<FileLines, 'bytes' | 'starts' | 'ends'> {
  const starts: number[] = [];
  const ends: number[] = [];
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline;
    starts.push(start);
    ends.push(end > start && bytes[end - 1] === RETURN ? end - 1 : end);
    start = end + 1;
  }
  return { bytes, starts, ends };
}

/** The files are not those that the job has read. */
export const changed = (what: string, details: Readonly<Record<string, unknown>> = {}): SluiceError =>
  new SluiceError('TOPIC_TRUNCATED', {
    message: what,
    details,
    hint: 'Files have to stay as they are, and where they are, while a job reads their directory: put them back, or start a new job. New files are moved in when they are complete.',
  });

const tooLong = ({ path }: ListedFile, at: number): SluiceError =>
  new SluiceError('RECORD_MALFORMED', { message: `'${path}': the line at byte ${at} is longer than ${LINE_BYTES_MAX} bytes`, details: { path, at } });
