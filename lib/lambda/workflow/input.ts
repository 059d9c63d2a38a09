/** What is read from the input of an execution: anyone may have typed it. All readers throw USAGE. */
import { SluiceError } from '../../core/errors.ts';
import { jobId, type JobId } from '../../core/numbers.ts';
import type { Plan } from '../../core/plan.ts';

export type Input = Readonly<Record<string, unknown>>;

const JOB_ID = /^[0-9a-f]{32}$/;

export function readJobId(input: Input): JobId {
  const { job } = input;
  if (typeof job === 'string' && JOB_ID.test(job)) return jobId(job);
  throw invalid('job', job, 'the 32 lower-case hex digits of a job');
}

export function readPlanText(input: Input): Plan {
  const plan = optionalPlan(input);
  if (plan === null) throw invalid('plan', undefined, 'the JSON text of a plan');
  return plan;
}

export function optionalPlan(input: Input): Plan | null {
  const text = optionalText(input, 'plan');
  if (text === null) return null;
  const plan = parsed(text);
  if (plan === null) throw invalid('plan', `${text.slice(0, 40)}…`, 'the JSON text of a plan, as `sluice plan` and the constructs make it');
  return plan;
}

/** Null where it is absent or empty. */
export function optionalText(input: Input, name: string): string | null {
  const value = input[name];
  if (value === undefined || value === null || value === '') return null;
  if (typeof value === 'string') return value;
  throw invalid(name, value, 'text');
}

/** Absent is false. */
export function flag(input: Input, name: string): boolean {
  const value = input[name];
  if (value === undefined || value === null) return false;
  if (typeof value === 'boolean') return value;
  throw invalid(name, value, 'true or false');
}

function parsed(text: string): Plan | null {
  try {
    const plan: Plan = JSON.parse(text);
    return plan !== null && plan.formatVersion === 1 && typeof plan.name === 'string' && Array.isArray(plan.nodes) ? plan : null;
  } catch {
    return null;
  }
}

const invalid = (name: string, got: unknown, allowed: string): SluiceError =>
  new SluiceError('USAGE', { message: `'${name}' of the execution's input cannot be ${JSON.stringify(got) ?? 'absent'}`, hint: `set it to ${allowed}` });
