/**
 * `node prepare-program.ts PROGRAM WAREHOUSE`: prints what becomes of a program, as JSON. A process of its own, since constructs cannot wait, and a program
 * is loaded, with all that it does then.
 */
import { createHash } from 'node:crypto';
import { isError, type ErrorCode } from '../core/errors.ts';
import type { Plan } from '../core/plan.ts';
import { prepareProgram } from '../program/prepare.ts';
import { absolutePath } from './absolute-path.ts';

export type Prepared =
  /** `bundle`: base64; null where the plan does without. */
  | { readonly kind: 'prepared'; readonly plan: Plan; readonly warnings: readonly string[]; readonly bundle: string | null }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string; readonly hint: string | null; readonly details: Readonly<Record<string, unknown>> };

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

async function prepared(file: string, warehouse: string): Promise<Prepared> {
  try {
    const { plan, warnings, bundle } = await prepareProgram(file, { warehouse, resolvePath: absolutePath }, { sha256 });
    return { kind: 'prepared', plan, warnings, bundle: bundle === null ? null : Buffer.from(bundle).toString('base64') };
  } catch (error) {
    if (!isError(error)) throw error;
    const { code, message, hint = null, details } = error;
    return { kind: 'refused', code, message, hint, details };
  }
}

const [file = '', warehouse = ''] = process.argv.slice(2);
const printed = JSON.stringify(await prepared(file, warehouse));
// What a program prints while it is loaded stands before.
process.stdout.write(`\n${printed}`);
