/** Jobs, plans and who waits: what executions are given. */
import { jobId } from '../../lib/core/numbers.ts';
import type { Plan } from '../../lib/core/plan.ts';
import { labPlan } from '../engine/lab-plan.ts';

export const JOB = jobId('c'.repeat(32));
export const [A, B, C] = [jobId('a'.repeat(32)), jobId('b'.repeat(32)), jobId('d'.repeat(32))];

export const PLAN = JSON.stringify(labPlan());
export const RENAMED: Plan = { ...labPlan(), name: 'another name' };
/** Windows of two minutes under the same name: their state means something else. */
export const INCOMPATIBLE: Plan = {
  ...labPlan(),
  nodes: labPlan().nodes.map((node) => (node.kind === 'window-aggregate' ? { ...node, window: { ...node.window, sizeMs: 120_000 } } : node)),
};
/** The same windows under another name: what the old ones hold is dropped. */
export const DROPPING: Plan = JSON.parse(JSON.stringify(INCOMPATIBLE).replaceAll('tumble-event_type', 'other-windows'));

export const RESPOND = { ResponseURL: 'https://answers/1', StackId: 'arn:stack', RequestId: 'r-1', LogicalResourceId: 'Orders', PhysicalResourceId: JOB };

/** Directories that take a probe, and then nothing. */
export const isNoSavepoint = (_directory: string, key: string): boolean => !key.startsWith('savepoint-');
