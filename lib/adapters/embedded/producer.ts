/** Appending lines to topic files. */
import fs from 'node:fs';
import { isError, SluiceError, StoreError } from '../../core/errors.ts';
import { offset, type Offset } from '../../core/numbers.ts';
import { coverBlocks, cutSums, verifyBlocks } from './block-sums.ts';
import { attempt, messageOf } from './files.ts';
import { committedEnd, MAX_LINE_BYTES } from './lines.ts';

/** The calls that a full disk makes fail; tests put failing ones in their place. */
export interface AppendCalls {
  writeSync(fd: number, bytes: Uint8Array, start: number, length: number, position: number): number;
  fsyncSync(fd: number): void;
}
export const nodeAppendCalls: AppendCalls = fs;

/** A line with its newline is at most this long, so that it can be read again. */
const MAX_VALUE_BYTES = MAX_LINE_BYTES - 1;
const BLANK = /^\s*$/;

/**
 * The lines that are records: blank ones are skipped. A value with a newline would become two records, so it is
 * RECORD_MALFORMED with its line number (from 1), and so is one that is too long.
 */
export function recordsIn(lines: readonly string[]): string[] {
  for (const [i, line] of lines.entries()) {
    if (line.includes('\n')) throw refused(i + 1, 'contains a newline; a record is one line');
    if (line.length > MAX_VALUE_BYTES / 3 && Buffer.byteLength(line) > MAX_VALUE_BYTES) {
      throw refused(i + 1, `is longer than ${MAX_VALUE_BYTES} bytes`);
    }
  }
  return lines.filter((line) => !BLANK.test(line));
}

/**
 * Appends records to a partition file and makes them durable; returns the position behind them. The caller holds the
 * write lock of the store until this returns: no log entry can then name records that the disk does not have yet, and a torn
 * tail is the leftover of a dead producer, to be cut. Lines that were written before a failure stay (`maybe`): a reader may
 * have taken them already.
 */
export function appendRecords(path: string, records: readonly string[], calls: AppendCalls): Offset {
  const bytes = Buffer.from(`${records.join('\n')}\n`);
  const fd = attempt(`append to ${path}`, () => fs.openSync(path, 'r+'));
  try {
    const start = attempt(`append to ${path}`, () => cutTail(fd, path));
    writeAll(fd, bytes, start, path, calls);
    attempt(`sync ${path}`, () => calls.fsyncSync(fd), 'maybe');
    cover(fd, path, start + bytes.length);
    return offset(start + bytes.length);
  } finally {
    // A disk may refuse data as late as here.
    attempt(`close ${path}`, () => fs.closeSync(fd), 'maybe');
  }
}

function cutTail(fd: number, path: string): number {
  const { size } = fs.fstatSync(fd);
  const end = committedEnd(fd, size);
  // A record that is covered was whole: it is not torn but damaged.
  verifyBlocks(path, fd, end, size);
  if (end < size) fs.ftruncateSync(fd, end);
  cutSums(path, end);
  return end;
}

/** The records are there already: what cannot be covered now is covered by the next producer. */
function cover(fd: number, path: string, end: number): void {
  try {
    attempt(`cover ${path}`, () => coverBlocks(path, fd, end));
  } catch (error) {
    if (!isError(error)) throw error;
  }
}

function writeAll(fd: number, bytes: Uint8Array, start: number, path: string, calls: AppendCalls): void {
  let written = 0;
  try {
    while (written < bytes.length) written += calls.writeSync(fd, bytes, written, bytes.length - written, start + written);
  } catch (cause) {
    const message = `cannot append to ${path}: ${messageOf(cause)} after ${written} of ${bytes.length} bytes`;
    throw new StoreError(written === 0 ? 'no' : 'maybe', { message, cause, details: { path, start, written } });
  }
}

const refused = (line: number, why: string): SluiceError =>
  new SluiceError('RECORD_MALFORMED', { message: `line ${line} ${why}`, details: { line } });
