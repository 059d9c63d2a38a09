/** Records that the program of a job decodes. */
import { SluiceError } from '../errors.ts';
import type { DecodeRecord } from '../process/code.ts';
import type { FormatDecoder } from './decoder.ts';
import { excerptOf } from './json-text.ts';

const text = new TextDecoder();
/** Of a record that is bad, as far as it is shown. */
const SHOWN_BYTES = 1000;

/** A record is what the program makes of it; an error of kind `data` says that it is bad. `begins` hears of every call. */
export function compileCodeDecoder(decode: DecodeRecord, begins: () => void): FormatDecoder {
  return ({ bytes, starts, ends }, { from, to }, _nonce, visit) => {
    for (let index = from; index < to; index++) {
      const end = ends[index] ?? -1;
      const record = end < 0 ? null : bytes.subarray(starts[index], end);
      try {
        begins();
        const row = decode(record);
        if (row !== null) visit([...row], index);
      } catch (error) {
        if (!(error instanceof SluiceError) || error.code !== 'RECORD_MALFORMED') throw error;
        return { index, message: error.message, excerpt: excerptOf(record === null ? '' : text.decode(record.subarray(0, SHOWN_BYTES))) };
      }
    }
    return null;
  };
}
