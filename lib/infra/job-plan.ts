/** From SQL to the plan that a template carries, with all that can be said against it before anything is deployed. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isError, SluiceError } from '../core/errors.ts';
import { sinksOf, sourcesOf, type Plan } from '../core/plan.ts';
import { planScript } from './plan-script.ts';
import { refused } from './refuse.ts';

/** Where the SQL of a job is: written out, or in a file. A script stands alone: CREATE statements, SET, and exactly one INSERT. */
export type SqlSource = { readonly text: string } | { readonly file: string };

/** Of a job, in place of the platform's. */
export interface Batches {
  readonly batchSize?: number | undefined;
  readonly batchWindowSeconds?: number | undefined;
}

/** Step Functions takes 256 KiB, and the input of a task holds the input of the execution. As lib/lambda/resource-request.ts has it. */
const PLAN_BYTES_MAX = 200 * 1024;

/** Options of tables whose values are secrets: they would be in the template, in the store and in the console. */
const SECRETS = ['sasl.jaas.config', 'ssl.keystore.key', 'ssl.key.password', 'ssl.keystore.password', 'ssl.truststore.password'].map((name) => `properties.${name}`);

/**
 * The JSON text of the plan of a script. Throws SQL_PARSE, SQL_VALIDATE, SQL_UNSUPPORTED and OPTION_INVALID with file, line, column and hint;
 * FILE_UNREADABLE.
 */
export function planText(at: string, sql: SqlSource, name: string, { batchSize, batchWindowSeconds }: Batches): { readonly plan: Plan; readonly text: string } {
  const planned = planOf(sql, name);
  const options = {
    ...planned.options,
    ...(batchSize === undefined ? {} : { 'sluice.batch-size': String(batchSize) }),
    ...(batchWindowSeconds === undefined ? {} : { 'sluice.batch-window': String(batchWindowSeconds) }),
  };
  const plan = { ...planned, options };
  const text = JSON.stringify(plan);
  checkSize(at, text);
  checkSecrets(at, plan);
  return { plan, text };
}

function planOf(sql: SqlSource, name: string): Plan {
  const text = 'text' in sql ? sql.text : contentOf(sql.file);
  try {
    return planScript(text, { name });
  } catch (error) {
    if (!isError(error) || !('file' in sql)) throw error;
    throw inFile(error, sql.file);
  }
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SluiceError('FILE_UNREADABLE', { message: `cannot read '${file}': ${why}`, hint: `name a file with the SQL of a job; paths begin at ${resolve()}`, cause, details: { path: file } });
  }
}

/** `FILE:LINE:COLUMN`, which editors open. */
function inFile({ code, message, hint, details, cause }: SluiceError, file: string): SluiceError {
  const { line, column } = details;
  const place = line === undefined ? file : `${file}:${line}:${column}`;
  return new SluiceError(code, { message: `${place}: ${message}`, details: { ...details, path: file }, cause, ...(hint === undefined ? {} : { hint }) });
}

function checkSize(at: string, text: string): void {
  const bytes = Buffer.byteLength(JSON.stringify(text));
  if (bytes <= PLAN_BYTES_MAX) return;
  throw refused({ at, what: 'the plan is too large for a workflow', got: `${bytes} bytes`, allowed: `at most ${PLAN_BYTES_MAX} bytes`, fix: 'make several jobs of it, or shorten its longest expressions' });
}

function checkSecrets(at: string, plan: Plan): void {
  for (const { table, options } of [...sourcesOf(plan), ...sinksOf(plan)]) {
    const secret = SECRETS.find((name) => name in options);
    if (secret === undefined) continue;
    throw refused({
      at,
      what: `table '${table}' holds a secret, which the template would show to everybody`,
      got: `the option '${secret}'`,
      allowed: 'the authentication of KafkaCluster, with a secret of Secrets Manager',
      fix: 'take the option out of the SQL; the brokers and the user of the platform serve all tables',
    });
  }
}
