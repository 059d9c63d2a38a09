/** What happens to one job, step by step (protocol §11): the parts that workflows are put together from. */
import type { Phase, StepName } from './tasks.ts';
import type { Step } from './states.ts';

const request = (name: string, phase: Phase): Step => ({ name, task: { action: 'request', phase } });
const advance = (name: string, phase: Phase, step: StepName): Step => ({ name, task: { action: 'advance', phase, step } });

/** 11.1 */
export const CREATE: readonly Step[] = [
  request('Check and record the job', 'create'),
  advance('Fence the sinks', 'create', 'fence'),
  advance('Start the generation', 'create', 'start'),
  advance('Attach the event sources', 'create', 'attach'),
];

/** 11.2 */
export const SAVEPOINT: readonly Step[] = [
  request('Check and record the savepoint', 'savepoint'),
  { name: 'Fire with a barrier, checkpoint and export', task: { action: 'savepoint', phase: 'savepoint' } },
];

/** 11.3; any step but the first may answer that the stop is being compensated. */
export const STOP: readonly Step[] = [
  request('Check and record the stop', 'stop'),
  advance('Freeze the partitions', 'stop', 'freeze'),
  advance('Fire up to the freeze and close', 'stop', 'barrier'),
  advance('Export the savepoint', 'stop', 'export'),
  advance('Remove the event sources', 'stop', 'detach'),
];

export const SETTLE: readonly Step[] = [{ name: 'Let the job go on', task: { action: 'settle', phase: 'stop' } }];

/** 11.4 */
export const CANCEL: readonly Step[] = [
  request('Check and record the cancel', 'cancel'),
  advance('Close the logs', 'cancel', 'close'),
  advance('Take the event sources away', 'cancel', 'detach'),
];

/** 11.5 */
export const RESUME: readonly Step[] = [
  request('Check and record the resume', 'resume'),
  advance('Close the generation that ends', 'resume', 'close'),
  advance('Fence the sinks', 'resume', 'fence'),
  advance('Start the next generation', 'resume', 'start'),
  advance('Attach the event sources', 'resume', 'attach'),
];

/** 11.5, from the savepoint that the last upgrade began with. */
export const REVERT: readonly Step[] = [
  request('Record the way back to before the upgrade', 'revert'),
  advance('Close the generation of the upgrade', 'revert', 'close'),
  advance('Fence the sinks of the upgrade', 'revert', 'fence'),
  advance('Start the plan from before the upgrade', 'revert', 'start'),
  advance('Attach the event sources of the way back', 'revert', 'attach'),
];

/** 11.5: the old plan, as the next generation. */
export const UNDO: readonly Step[] = [
  request('Resume the old plan', 'undo'),
  advance('Close the generation that did not run', 'undo', 'close'),
  advance('Fence its sinks', 'undo', 'fence'),
  advance('Start the old plan', 'undo', 'start'),
  advance('Attach the event sources of the old plan', 'undo', 'attach'),
];
