/** Lines of an append-only file by byte position. The newline is the commit: what follows the last one is not there yet. */
import { readSync } from 'node:fs';

const NEWLINE = 10;
/** Step of the search for the last newline. */
const TAIL_BYTES = 65_536;
/** A line that does not fit is read again with this many times the space. */
const GROWTH = 4;

/** Longest line that can be read, in bytes. */
export const MAX_LINE_BYTES = 64 * 1024 * 1024;

/** Consecutive whole lines; `starts` and `ends` count in `bytes`, which begins with the first line at `first` of the file. */
export interface Lines {
  readonly kind: 'lines';
  readonly bytes: Uint8Array;
  readonly starts: number[];
  readonly ends: number[];
  readonly first: number;
  /** Position behind the last newline. */
  readonly next: number;
}

/** `none`: `from` is the end. `behind-end`: no line ends at or after `from`. `too-long`: a line exceeds MAX_LINE_BYTES. */
export type LinesResult = Lines | { readonly kind: 'none' | 'behind-end' | 'too-long' };

/**
 * The first lines that start at or after `from`, of about `maxBytes`, at least one. Reads from the byte before `from`: if
 * that is a newline, `from` is a start, else `from` lies inside a line and the next one is meant.
 */
export function readLines(fd: number, size: number, from: number, maxBytes: number): LinesResult {
  if (from > size) return { kind: 'behind-end' };
  const base = Math.max(0, from - 1);
  for (let want = Math.max(1, maxBytes) + 1; ; want = Math.min(want * GROWTH, MAX_LINE_BYTES + 1)) {
    const window = readAt(fd, base, Math.min(want, size - base));
    const result = linesIn(window, base, from);
    if (result.kind === 'lines' || window.length < want) return result;
    if (want > MAX_LINE_BYTES) return { kind: 'too-long' };
  }
}

/** Position behind the last newline of the file; 0 if there is none. */
export function committedEnd(fd: number, size: number): number {
  for (let end = size; end > 0; ) {
    // The last byte alone nearly always decides.
    const start = Math.max(0, end === size ? end - 1 : end - TAIL_BYTES);
    const newline = readAt(fd, start, end - start).lastIndexOf(NEWLINE);
    if (newline >= 0) return start + newline + 1;
    end = start;
  }
  return 0;
}

/** What the window that begins at `base` holds; says `behind-end` or `none` also if a larger window would hold more. */
function linesIn(window: Buffer, base: number, from: number): LinesResult {
  const start = from === 0 ? 0 : window.indexOf(NEWLINE) + 1;
  if (from > 0 && start === 0) return { kind: 'behind-end' };
  const end = window.lastIndexOf(NEWLINE) + 1;
  if (end <= start) return { kind: 'none' };
  return { kind: 'lines', first: base + start, next: base + end, ...split(window.subarray(start, end)) };
}

/** The lines of `bytes`, which ends with a newline. */
function split(bytes: Buffer): Pick<Lines, 'bytes' | 'starts' | 'ends'> {
  const starts: number[] = [];
  const ends: number[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(NEWLINE, start);
    starts.push(start);
    ends.push(end);
    start = end + 1;
  }
  return { bytes, starts, ends };
}

/** `length` bytes at `position`; fewer only if the file has become shorter. */
export function readAt(fd: number, position: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const read = readSync(fd, buffer, filled, length - filled, position + filled);
    if (read === 0) break;
    filled += read;
  }
  return buffer.subarray(0, filled);
}
