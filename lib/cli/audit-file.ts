/** Where it is written down what clients of the REST API did: a file that is followed by the one before it, and no more. */
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { auditLine, type Audit } from '../control/rest/audit.ts';

const FILE_BYTES_MAX = 10 * 1024 * 1024;

/** Lines are there when the answer is. `onFailure` is told what the file system says; the server goes on. */
export function auditFile(path: string, onFailure: (error: unknown) => void): Audit {
  return (entry) => {
    try {
      mkdirSync(dirname(path), { recursive: true });
      if (sizeOf(path) > FILE_BYTES_MAX) renameSync(path, `${path}.1`);
      appendFileSync(path, `${auditLine(entry)}\n`, { mode: 0o600 });
    } catch (error) {
      onFailure(error);
    }
  };
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
