/** When an operation on a job may begin: one at a time, from a state that allows it. */
import { SluiceError } from '../../core/errors.ts';
import type { JobId } from '../../core/numbers.ts';
import { readControl, type JobControl, type Operation, type VersionedControl, type Workshop } from './job-control.ts';

/** A request that comes again changes nothing: what it asked for is under way, or done. */
export const isRequested = ({ operation, last }: JobControl, request: string | undefined): boolean => request !== undefined && (operation?.id === request || last?.id === request);

export async function requireRunning(ports: Workshop['ports'], id: JobId, what: string): Promise<VersionedControl> {
  const was = await readControl(ports, id);
  const { status, operation } = was.control;
  if (operation !== null) throw busy(id, operation);
  if (status !== 'RUNNING') {
    throw new SluiceError('JOB_STATE', { message: `cannot ${what} job ${id}: it is ${status}, not RUNNING`, hint: 'see `sluice list -a`' });
  }
  return was;
}

export function busy(id: JobId, operation: Operation | null): SluiceError {
  const what = operation === null ? 'another operation' : `the operation '${operation.kind}'`;
  return new SluiceError('JOB_BUSY', { message: `${what} on job ${id} is under way`, hint: 'wait for it to end: sluice describe ' + id });
}
