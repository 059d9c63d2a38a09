/** From SQL to the plan that a template carries, with all that can be said against it before anything is deployed. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SluiceError } from '../core/errors.ts';
import { sinksOf, sourcesOf, type Plan } from '../core/plan.ts';
import { isIcebergSecret, isSecret } from '../core/secrets.ts';
import { planJob, type ScriptedJob } from '../sql/plan-script.ts';
import type { Script } from '../sql/script.ts';
import { PLAN_BYTES_MAX } from '../workflows/messages.ts';
import { refused } from './refuse.ts';

/** Where the SQL of a job is: written out, or in a file. A script stands alone: CREATE statements, SET, and exactly one INSERT. */
export type SqlSource = { readonly text: string } | { readonly file: string };

/** Of a job, in place of the platform's. */
export interface Batches {
  readonly batchSize?: number | undefined;
  readonly batchWindowSeconds?: number | undefined;
}

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//;

/** What a script does not say. */
export interface Planning extends Batches {
  /** Unless `pipeline.name` is set. */
  readonly name: string;
  /** Directory of the filesystem catalogs that name none, as the functions see it. */
  readonly warehouse: string;
}

/** A job, and the JSON text of its plan. */
export interface PlannedJob extends ScriptedJob {
  readonly text: string;
}

/**
 * Plans a script. Throws SQL_PARSE, SQL_VALIDATE, SQL_UNSUPPORTED and OPTION_INVALID with file, line, column and hint; FILE_UNREADABLE.
 */
export function planJobOf(at: string, sql: SqlSource, { name, warehouse, batchSize, batchWindowSeconds }: Planning): PlannedJob {
  const script: Script = 'text' in sql ? { name: `the SQL of ${at}`, text: sql.text } : { name: sql.file, text: contentOf(sql.file) };
  const job = planJob([script], { warehouse, resolvePath: absolutePath });
  const options: Record<string, string> = {
    ...job.plan.options,
    ...(batchSize === undefined ? {} : { 'sluice.batch-size': String(batchSize) }),
    ...(batchWindowSeconds === undefined ? {} : { 'sluice.batch-window-seconds': String(batchWindowSeconds) }),
  };
  const plan = { ...job.plan, name: options['pipeline.name'] ?? name, options };
  const text = JSON.stringify(plan);
  checkSources(at, plan);
  checkSize(at, text);
  checkSecrets(at, plan);
  return { ...job, plan, text };
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SluiceError('FILE_UNREADABLE', { message: `cannot read '${file}': ${why}`, hint: `name a file with the SQL of a job; paths begin at ${resolve()}`, cause, details: { path: file } });
  }
}

/** The directory of whoever deploys means nothing to a function. */
function absolutePath(path: string): string {
  if (path.startsWith('file:')) return fileURLToPath(path);
  if (path.startsWith('/') || SCHEME.test(path)) return path;
  throw new SluiceError('OPTION_INVALID', { message: `the path '${path}' is relative: functions work in another directory`, hint: 'write an absolute path, or s3://BUCKET/PREFIX' });
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
