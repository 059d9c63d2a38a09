/** Forks and upsert sinks (protocol 11.6): items belong to one running job, so a fork cannot write those of a parent that still runs. */
import { isError, SluiceError } from '../../core/errors.ts';
import type { JobId } from '../../core/numbers.ts';
import { sinksOf, type Plan } from '../../core/plan.ts';
import type { Ports } from '../../ports/ports.ts';
import type { SavepointHead } from '../../savepoint/metadata.ts';
import { isFinal, readControl } from './job-control.ts';

/** Throws JOB_STATE. A parent that this store does not know is taken to have ended: nobody here could say otherwise. */
export async function refuseSharedItems(ports: Pick<Ports, 'control'>, plan: Plan, { job, plan: before }: Pick<SavepointHead, 'job' | 'plan'>): Promise<void> {
  const shared = itemTables(plan).filter((table) => itemTables(before).includes(table));
  if (shared.length === 0 || !(await isRunning(ports, job))) return;
  throw new SluiceError('JOB_STATE', {
    message: `job ${job} still runs, and writes the items of the DynamoDB table ${shared.map((table) => `'${table}'`).join(', ')} that its fork would write`,
    hint: 'cancel or stop that job first, or write into another table',
  });
}

const itemTables = (plan: Plan): string[] =>
  sinksOf(plan).flatMap(({ connector, options }) => (connector === 'dynamodb' ? [[options['table-name'], options['aws.region'], options['aws.endpoint']].filter((part) => part !== undefined).join(' ')] : []));

async function isRunning(ports: Pick<Ports, 'control'>, job: JobId): Promise<boolean> {
  try {
    return !isFinal((await readControl(ports, job)).control.status);
  } catch (error) {
    if (isError(error, 'JOB_UNKNOWN')) return false;
    throw error;
  }
}
