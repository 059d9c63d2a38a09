/** Programs of jobs at synthesis: a plan, and a file that goes with the template as an asset. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AssetHashType } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { SluiceError } from '../core/errors.ts';
import type { Plan } from '../core/plan.ts';
import type { Prepared } from './prepare-program.ts';

const COMMAND = join(import.meta.dirname, `prepare-program${import.meta.filename.endsWith('.ts') ? '.ts' : '.js'}`);
const OUTPUT_BYTES_MAX = 256 * 1024 * 1024;

export interface ProgramOfJob {
  readonly plan: Plan;
  /** For people. */
  readonly warnings: readonly string[];
  /** Null where the plan does without. */
  readonly bundle: Uint8Array | null;
}

/** Throws JOB_DEFINITION with file and line, and what SQL throws. */
export function programOf(entry: string, warehouse: string): ProgramOfJob {
  const output = execFileSync(process.execPath, [COMMAND, entry, warehouse], { encoding: 'utf8', maxBuffer: OUTPUT_BYTES_MAX, stdio: ['ignore', 'pipe', 'inherit'] });
  const prepared: Prepared = JSON.parse(output.slice(output.lastIndexOf('\n') + 1));
  if (prepared.kind === 'prepared') return { plan: prepared.plan, warnings: prepared.warnings, bundle: prepared.bundle === null ? null : Buffer.from(prepared.bundle, 'base64') };
  const { code, message, hint, details } = prepared;
  throw new SluiceError(code, { message, details, ...(hint !== null && { hint }) });
}

/** The bundle as an asset: whoever deploys uploads it, the resource function stores it for the job. */
export function programAsset(scope: Construct, bundle: Uint8Array, sha: string): Asset {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-program-'));
  try {
    const path = join(dir, 'program.mjs');
    writeFileSync(path, bundle);
    return new Asset(scope, 'Program', { path, assetHash: sha, assetHashType: AssetHashType.CUSTOM });
  } finally {
    rmSync(dir, { recursive: true });
  }
}
