/**
 * Values of consecutive records in one buffer: value i is `bytes[starts[i], ends[i])`, in order, each followed by one newline
 * byte, so that a format may decode them all at once. A value may itself contain newlines. A tombstone (null value) has end -1.
 */
export interface RecordBytes {
  readonly bytes: Uint8Array;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}
