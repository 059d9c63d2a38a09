/** From SQL or a program to the plan that a template carries, with all that can be said against it before anything is deployed. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { SluiceError } from '../core/errors.ts';
import { sinksOf, sourcesOf, type Plan } from '../core/plan.ts';
import { isIcebergSecret, isSecret } from '../core/secrets.ts';
import { planJob, type ScriptedJob } from '../sql/plan-script.ts';
import type { Script } from '../sql/script.ts';
import { PLAN_BYTES_MAX } from '../workflows/messages.ts';
import { absolutePath } from './absolute-path.ts';
import { programOf } from './job-program.ts';
import { refused } from './refuse.ts';

/** Where the SQL of a job is: written out, or in a file. A script stands alone: CREATE statements, SET, and exactly one INSERT. */
export type SqlSource = { readonly text: string } | { readonly file: string };

export type JobSource = { readonly sql: SqlSource } | { readonly entry: string };

/** Of a job, in place of the platform's. */
export interface Batches {
  readonly batchSize?: number | undefined;
  readonly batchWindowSeconds?: number | undefined;
}

/** What a script does not say. */
export interface Planning extends Batches {
  /** Of the construct, for a script that says none. */
  readonly id: string;
  /** Unless `pipeline.name` is set; absent: that of the program, or the id. */
  readonly name?: string | undefined;
  /** Directory of the filesystem catalogs that name none, as the functions see it. */
  readonly warehouse: string;
}

interface Sourced extends ScriptedJob {
  /** Of a program, for people. */
  readonly warnings: readonly string[];
  /** Null where the plan names none. */
  readonly bundle: Uint8Array | null;
}

/** A job, and the JSON text of its plan. */
export interface PlannedJob extends Sourced {
  readonly text: string;
}

/**
 * Plans a script or a program. Throws SQL_PARSE, SQL_VALIDATE, SQL_UNSUPPORTED, OPTION_INVALID and JOB_DEFINITION with file, line and hint; FILE_UNREADABLE.
 */
export function planJobOf(at: string, source: JobSource, { id, name, warehouse, batchSize, batchWindowSeconds }: Planning): PlannedJob {
  const job = 'entry' in source ? programmed(source.entry, warehouse) : scripted(at, source.sql, warehouse);
  const options: Record<string, string> = {
    ...job.plan.options,
    ...(batchSize === undefined ? {} : { 'sluice.batch-size': String(batchSize) }),
    ...(batchWindowSeconds === undefined ? {} : { 'sluice.batch-window-seconds': String(batchWindowSeconds) }),
  };
  const plan = { ...job.plan, name: options['pipeline.name'] ?? name ?? ('entry' in source ? job.plan.name : id), options };
  const text = JSON.stringify(plan);
  checkSources(at, plan);
  checkSize(at, text);
  checkSecrets(at, plan);
  return { ...job, plan, text };
}

function scripted(at: string, sql: SqlSource, warehouse: string): Sourced {
  const script: Script = 'text' in sql ? { name: `the SQL of ${at}`, text: sql.text } : { name: sql.file, text: contentOf(sql.file) };
  return { ...planJob([script], { warehouse, resolvePath: absolutePath }), warnings: [], bundle: null };
}

const programmed = (entry: string, warehouse: string): Sourced => ({ ...programOf(entry, warehouse), savepoint: null, allowNonRestored: false });

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SluiceError('FILE_UNREADABLE', { message: `cannot read '${file}': ${why}`, hint: `name a file with the SQL of a job; paths begin at ${resolve()}`, cause, details: { path: file } });
  }
}

/** Event source mappings deliver the records of topics, and nothing else. */
function checkSources(at: string, plan: Plan): void {
  const table = sourcesOf(plan).find(({ connector }) => connector !== 'kafka');
  if (table === undefined) return;
  throw refused({
    at,
    what: `table '${table.table}' cannot be read in AWS: nothing delivers its rows to functions`,
    got: `'connector' = '${table.connector}'`,
    allowed: "sources with 'connector' = 'kafka'",
    fix: 'produce the rows into a topic and read that, or run the job on a laptop (`sluice up`)',
  });
}

function checkSize(at: string, text: string): void {
  const bytes = Buffer.byteLength(JSON.stringify(text));
  if (bytes <= PLAN_BYTES_MAX) return;
  throw refused({
    at,
    what: 'the plan is too large for a workflow',
    got: `${bytes} bytes`,
    allowed: `at most ${PLAN_BYTES_MAX} bytes`,
    fix: 'make several jobs of it, or shorten its longest expressions',
  });
}

const BROKERS = { allowed: 'the authentication of KafkaCluster, with a secret of Secrets Manager', fix: 'take the option out of the SQL; the brokers and the user of the platform serve all tables' };
const SIGNED = { allowed: "'rest.auth.type' = 'sigv4', by which the functions are known by their role", fix: 'use a catalog that takes signed requests, as AWS Glue and S3 Tables do' };

/** They would be in the template, in the store and in the console. */
function checkSecrets(at: string, plan: Plan): void {
  for (const { table, options } of [...sourcesOf(plan), ...sinksOf(plan)]) {
    const secret = Object.keys(options).find(isSecret);
    if (secret === undefined) continue;
    throw refused({
      at,
      what: `table '${table}' holds a secret, which the template would show to everybody`,
      got: `the option '${secret}'`,
      ...(isIcebergSecret(secret) ? SIGNED : BROKERS),
    });
  }
}
