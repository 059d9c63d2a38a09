/**
 * The workflow function: one step per invocation (protocol §10 b, §11). Whoever calls it reads the state in the result, never in the name
 * of an error: a schedule (`tick`), the states of a machine, a runner on a laptop, or `sluice` (`describe`).
 */
import { putText } from '../adapters/node/put-text.ts';
import { describeJob, type JobDescription } from '../control/describe.ts';
import { storeOperations } from '../control/operations.ts';
import type { Workshop } from '../engine/lifecycle/job-control.ts';
import type { TaskEvent, TaskResult } from '../workflows/tasks.ts';
import type { PutText } from './cloudformation.ts';
import type { Handler } from './context.ts';
import type { InvokeEvent } from './invoke.ts';
import type { Schedule } from './schedule.ts';
import type { OpenTelemetry } from './telemetry.ts';
import { readJobId } from './workflow/input.ts';
import { runTask } from './workflow/task.ts';
import { Tick, type TickResult } from './workflow/tick.ts';

export type WorkflowEvent =
  /** `once`: the firers end when nothing is due, since the next tick is near. */
  | { readonly action: 'tick'; readonly once?: boolean }
  /** Throws JOB_UNKNOWN: who describes a job reads Lambda's form of an error, too. */
  | { readonly action: 'describe'; readonly job: string }
  /** Throws as `describe` does. */
  | { readonly action: 'checkpoint'; readonly job: string; readonly request: string }
  | TaskEvent;

export type WorkflowResult = TickResult | JobDescription | CheckpointResult | TaskResult;

/** Its place in the job's log. */
export interface CheckpointResult {
  readonly checkpoint: number;
}

export interface WorkflowOptions {
  readonly schedule: Schedule;
  /** Where savepoints go that neither the execution nor the job has a place for. */
  readonly savepoints: string | null;
  readonly put: PutText;
  /** Operations that nobody has moved for so long, ms, are taken over. */
  readonly takeOverMs: number;
}

const DEFAULTS: WorkflowOptions = { schedule: { enable: async () => {}, disable: async () => {} }, savepoints: null, put: putText, takeOverMs: 1000 };

export function workflowHandler(workshop: Workshop, telemetry: OpenTelemetry, invoke: InvokeEvent, given: Partial<WorkflowOptions> = {}): Handler<WorkflowEvent, WorkflowResult> {
  const options = { ...DEFAULTS, ...given };
  return async (event, context) => {
    const told = telemetry(null, context.awsRequestId);
    try {
      switch (event.action) {
        case 'tick':
          return await new Tick({ workshop, invoke, schedule: options.schedule, takeOverMs: options.takeOverMs, told, context }).run(event.once === true);
        case 'describe':
          return await describeJob(workshop, readJobId(event));
        case 'checkpoint':
          return { checkpoint: await storeOperations(workshop).checkpoint(readJobId(event), event.request) };
        default:
          return await runTask({ workshop, savepoints: options.savepoints, put: options.put, takeOverMs: options.takeOverMs }, event);
      }
    } finally {
      told.flush();
    }
  };
}
