/** What is being done to a job, and which step of it. */
import type { JobId } from '../core/numbers.ts';
import type { EndedOperation, JobControl, Operation } from '../engine/lifecycle/job-control.ts';
import { readControl } from '../engine/lifecycle/job-control.ts';
import { savepointRequests } from '../engine/lifecycle/savepoint.ts';
import type { Ports } from '../ports/ports.ts';

export interface OperationProgress {
  readonly kind: Operation['kind'];
  readonly id: string;
  readonly step: string;
  /** All that it consists of, in order. */
  readonly steps: readonly string[];
  /** When the step began; epoch ms. */
  readonly since: number;
}

export interface SavepointProgress {
  readonly trigger: string;
  readonly step: 'barrier' | 'export';
  readonly steps: readonly ['barrier', 'export'];
  readonly since: number;
}

export interface Progress {
  readonly operation: OperationProgress | null;
  /** Savepoints behind which the job goes on, oldest first. */
  readonly savepoints: readonly SavepointProgress[];
  /** The operation that ended last. */
  readonly last: EndedOperation | null;
}

/** Throws JOB_UNKNOWN. */
export async function progressOf(ports: Pick<Ports, 'control'>, id: JobId): Promise<Progress> {
  const [{ control }, savepoints] = await Promise.all([readControl(ports, id), savepointsUnderWay(ports, id)]);
  return { operation: operationOf(control), savepoints, last: control.last };
}

export function operationOf({ operation, changedAt }: Pick<JobControl, 'operation' | 'changedAt'>): OperationProgress | null {
  if (operation === null) return null;
  const { kind, id, step } = operation;
  return { kind, id, step, steps: stepsOf(operation), since: changedAt };
}

function stepsOf(operation: Operation): readonly string[] {
  switch (operation.kind) {
    case 'create':
      return operation.base === null ? ['start', 'attach'] : ['fence', 'start', 'attach'];
    case 'resume':
      return ['close', 'fence', 'start', 'attach'];
    case 'stop':
      return ['freeze', 'barrier', 'export', 'detach'];
    case 'cancel':
      return ['close', 'detach'];
  }
}

async function savepointsUnderWay(ports: Pick<Ports, 'control'>, id: JobId): Promise<SavepointProgress[]> {
  const open: SavepointProgress[] = [];
  for await (const { request } of savepointRequests(ports, id)) {
    if (request.status !== 'IN_PROGRESS') continue;
    open.push({ trigger: request.trigger, step: request.checkpoint === null ? 'barrier' : 'export', steps: ['barrier', 'export'], since: request.requestedAt });
  }
  return open.sort((a, b) => a.since - b.since);
}
