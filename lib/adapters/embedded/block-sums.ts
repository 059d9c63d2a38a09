/**
 * Checksums of a topic file, in a file beside it: one line of fixed width per block of whole records, ascending,
 * `<start> <end> <CRC-32 of the bytes> <CRC-32 of this line>`. The next producer covers what none covers yet: lines that a killed one, or a
 * user, appended. Whoever edits a topic file on purpose deletes its sums.
 */
import fs from 'node:fs';
import { crc32 } from 'node:zlib';
import { SluiceError } from '../../core/errors.ts';
import { withFile } from './files.ts';
import { readAt } from './lines.ts';

/** Bytes of records in a block, about: a reader looks at whole blocks. */
const BLOCK_BYTES = 65_536;
const NEWLINE = 10;

const POSITION_DIGITS = 16;
const SUM_DIGITS = 8;
const LINE = /^(\d{16}) (\d{16}) ([0-9a-f]{8}) ([0-9a-f]{8})\n$/;
const LINE_BYTES = 2 * POSITION_DIGITS + 2 * SUM_DIGITS + 4;

/** Bytes [start, end) of the topic file. */
interface Block {
  readonly start: number;
  readonly end: number;
  readonly sum: string;
}

/** The sums while their file is open. */
interface Sums {
  readonly fd: number;
  readonly path: string;
  readonly count: number;
}

const sumsPathOf = (topicFile: string): string => topicFile.replace(/\.jsonl$/, '.sums');

/** Compares the blocks that touch [from, to) with their sums; one of which the file has lost the end is passed over. Throws STORE_CORRUPT. */
export function verifyBlocks(topicFile: string, fd: number, from: number, to: number): void {
  const path = sumsPathOf(topicFile);
  if (from >= to || !fs.existsSync(path)) return;
  withSums(path, 'r', (sums) => {
    for (let i = firstBehind(sums, from); i < sums.count; i++) {
      const block = blockAt(sums, i);
      if (block.start >= to) return;
      const bytes = readAt(fd, block.start, block.end - block.start);
      if (bytes.length === block.end - block.start && sumOf(bytes) !== block.sum) throw damaged(topicFile, block, path);
    }
  });
}

/** Drops the sums of blocks that end behind `end`, where the file ends: other records are about to take their place. */
export function cutSums(topicFile: string, end: number): void {
  const path = sumsPathOf(topicFile);
  if (!fs.existsSync(path)) return;
  withSums(path, 'r+', (sums) => {
    let { count } = sums;
    while (count > 0 && blockAt(sums, count - 1).end > end) count--;
    fs.ftruncateSync(sums.fd, count * LINE_BYTES);
  });
}

/** Covers the file from where the sums end to `end`, durably. */
export function coverBlocks(topicFile: string, fd: number, end: number): void {
  withSums(sumsPathOf(topicFile), 'a+', (sums) => {
    const lines: string[] = [];
    let start = sums.count === 0 ? 0 : blockAt(sums, sums.count - 1).end;
    for (let bytes = readBlock(fd, start, end); bytes.length > 0; bytes = readBlock(fd, start, end)) {
      lines.push(lineOf({ start, end: start + bytes.length, sum: sumOf(bytes) }));
      start += bytes.length;
    }
    fs.writeSync(sums.fd, lines.join(''));
    fs.fsyncSync(sums.fd);
  });
}

/** Whole records from `start` on: a block, or one record that is longer; nothing at `end`. */
function readBlock(fd: number, start: number, end: number): Uint8Array {
  for (let want = BLOCK_BYTES; ; want *= 2) {
    const bytes = readAt(fd, start, Math.min(want, end - start));
    const newline = want === BLOCK_BYTES ? bytes.lastIndexOf(NEWLINE) : bytes.indexOf(NEWLINE);
    const whole = bytes.subarray(0, newline + 1);
    if (whole.length > 0 || bytes.length < want) return whole;
  }
}

function withSums<T>(path: string, flags: 'r' | 'r+' | 'a+', use: (sums: Sums) => T): T {
  return withFile(path, flags, (fd) => use({ fd, path, count: Math.floor(fs.fstatSync(fd).size / LINE_BYTES) }));
}

/** Index of the first block that ends behind `from`. */
function firstBehind(sums: Sums, from: number): number {
  let low = 0;
  let high = sums.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (blockAt(sums, middle).end <= from) low = middle + 1;
    else high = middle;
  }
  return low;
}

function blockAt({ fd, path }: Sums, index: number): Block {
  const line = readAt(fd, index * LINE_BYTES, LINE_BYTES).toString('latin1');
  const [, start, end, sum = '', own] = LINE.exec(line) ?? [];
  if (own === hex(crc32(line.slice(0, -SUM_DIGITS - 1)))) return { start: Number(start), end: Number(end), sum };
  throw new SluiceError('STORE_CORRUPT', {
    message: `line ${index + 1} of ${path} does not match its checksum`,
    hint: `delete ${path} if the topic is as it should be`,
    details: { path },
  });
}

function lineOf({ start, end, sum }: Block): string {
  const text = `${digits(start)} ${digits(end)} ${sum} `;
  return `${text}${hex(crc32(text))}\n`;
}

const sumOf = (bytes: Uint8Array): string => hex(crc32(bytes));
const digits = (n: number): string => String(n).padStart(POSITION_DIGITS, '0');
const hex = (n: number): string => n.toString(16).padStart(SUM_DIGITS, '0');

const damaged = (topicFile: string, { start, end }: Block, sums: string): SluiceError =>
  new SluiceError('STORE_CORRUPT', {
    message: `bytes ${start} to ${end} of ${topicFile} do not match their checksum`,
    hint: `put a copy of the file in its place; if it was edited on purpose, delete ${sums}`,
    details: { path: topicFile, start, end },
  });
