/**
 * What state machines, their workflow function and whoever starts them say to each other. A state of a machine is one action of the function; the
 * function keeps nothing between two of them, so everything that it needs is in the event: the execution's input, and the name of the execution,
 * from which the ids of all requests follow (protocol §11: a repeated start with the same id continues).
 */

/** One state machine each. */
export const WORKFLOWS = ['create', 'savepoint', 'stop', 'cancel', 'resume', 'upgrade', 'teardown'] as const;
export type WorkflowName = (typeof WORKFLOWS)[number];

/** Who waits for the end of an execution: CloudFormation, at a pre-signed URL. */
export interface Respond {
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId: string;
}

interface Awaited {
  readonly respond?: Respond;
}

/** Bytes of a plan in an execution's input: a state of a machine holds 256 KiB, the plan and what is said about it. */
export const PLAN_BYTES_MAX = 200 * 1024;

/** Inputs of executions. `job`: 32 lower-case hex digits. `plan`: the JSON text of a plan. Paths and directories are URLs that functions can reach. */
export interface CreateInput extends Awaited {
  readonly job: string;
  readonly plan: string;
  readonly savepoint?: string;
  readonly allowNonRestored?: boolean;
  /** Time-to-live of state goes on from where the savepoint was taken; default: the time since then counts. */
  readonly pauseTtl?: boolean;
}

export interface SavepointInput extends Awaited {
  readonly job: string;
  /** Default: the job's own directory, else that of the platform. */
  readonly directory?: string;
}

export interface StopInput extends SavepointInput {
  readonly drain?: boolean;
}

export interface CancelInput extends Awaited {
  readonly job: string;
}

export interface ResumeInput extends Awaited {
  readonly job: string;
  /** Default: the last state. */
  readonly savepoint?: string;
  /** Default: the plan that the job has. */
  readonly plan?: string;
  readonly allowNonRestored?: boolean;
  readonly allowOffsetGap?: boolean;
  /** As for `create`. */
  readonly pauseTtl?: boolean;
}

export interface UpgradeInput extends SavepointInput {
  readonly plan: string;
  readonly allowNonRestored?: boolean;
}

/** Ends jobs before what they run on goes away; those that have ended already are passed over. */
export interface TeardownInput extends Awaited {
  /** Default: all jobs of the platform. */
  readonly jobs?: readonly string[];
  readonly policy: 'savepoint' | 'cancel';
  readonly directory?: string;
}

export interface WorkflowInputs {
  readonly create: CreateInput;
  readonly savepoint: SavepointInput;
  readonly stop: StopInput;
  readonly cancel: CancelInput;
  readonly resume: ResumeInput;
  readonly upgrade: UpgradeInput;
  readonly teardown: TeardownInput;
}

/** What went wrong, as the table of errors has it. */
export interface WorkflowFailure {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

/** Outputs of the stack, by which `sluice --stack` finds a platform. */
export const OUTPUTS = {
  store: 'Store',
  blobs: 'Blobs',
  savepoints: 'Savepoints',
  kafka: 'Kafka',
  workflowFunction: 'WorkflowFunction',
} as const;

/** `CreateWorkflow`: the ARN of a state machine. */
export const workflowOutput = (name: WorkflowName): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}Workflow`;
