/** The executions of a platform: started, looked at, listed. */
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
  type DescribeExecutionOutput,
  type ExecutionStatus,
  type GetExecutionHistoryOutput,
  type HistoryEvent,
} from '@aws-sdk/client-sfn';
import { CLIENT_OPTIONS, orInstead, type Requests } from '../adapters/aws-requests.ts';
import type { WorkflowInputs, WorkflowName } from '../workflows/messages.ts';
import { cloudRequests } from './requests.ts';
import type { Stack } from './stack.ts';

/** One execution, by the name of its workflow and its own. */
export interface ExecutionId {
  readonly workflow: WorkflowName;
  readonly name: string;
}

export interface Execution extends ExecutionId {
  readonly status: ExecutionStatus;
  /** Epoch ms. */
  readonly startedAt: number;
  readonly stoppedAt: number | null;
}

/** `output`: JSON, null unless it has succeeded. */
export interface ExecutionDetails extends Execution {
  readonly output: string | null;
  readonly error: string | null;
  readonly cause: string | null;
}

/** An event of an execution's history that somebody may want to see. */
export interface EnteredState {
  /** Grows within an execution. */
  readonly event: number;
  readonly at: number;
  readonly name: string;
}

/** States that do something, or end the execution; the others only choose and wait. */
const SHOWN: ReadonlySet<string> = new Set(['TaskStateEntered', 'MapStateEntered', 'SucceedStateEntered', 'FailStateEntered']);

/** Of a history that has at most 25,000 events. */
const EVENTS_A_PAGE = 500;
const PAGES_MAX = 100;
/** The newest result is among the last events. */
const RESULT_EVENTS = 100;

export class StepFunctions {
  readonly #stack: Stack;
  readonly #client = new SFNClient(CLIENT_OPTIONS);
  readonly #requests: Requests;

  constructor(stack: Stack) {
    this.#stack = stack;
    this.#requests = cloudRequests(stack.name);
  }

  /** Name of the stack. */
  get stack(): string {
    return this.#stack.name;
  }

  /** May be repeated with the same name and input. */
  async start<Name extends WorkflowName>(workflow: Name, name: string, input: WorkflowInputs[Name]): Promise<void> {
    const command = new StartExecutionCommand({ stateMachineArn: this.#stack.workflows[workflow], name, input: JSON.stringify(input) });
    await this.#requests.run({ what: `start the workflow '${workflow}'`, safety: 'repeatable' }, async (abortSignal) => {
      await orInstead(this.#client.send(command, { abortSignal }), ['ExecutionAlreadyExists'], null);
    });
  }

  /** Null if there is no such execution. */
  async describe(id: ExecutionId): Promise<ExecutionDetails | null> {
    const command = new DescribeExecutionCommand({ executionArn: this.#arnOf(id) });
    const found = await this.#requests.run({ what: `look at execution ${id.name}`, safety: 'read' }, (abortSignal) =>
      orInstead(this.#client.send(command, { abortSignal }), ['ExecutionDoesNotExist'], null),
    );
    return found === null ? null : detailsOf(id, found);
  }

  /** States that were entered behind an event, oldest first. */
  async statesAfter(id: ExecutionId, event: number): Promise<EnteredState[]> {
    const states = new Map<number, EnteredState>();
    let nextToken: string | undefined;
    for (let n = 0; n < PAGES_MAX; n++) {
      const page = await this.#history(id, { maxResults: EVENTS_A_PAGE, includeExecutionData: false, nextToken });
      for (const state of (page.events ?? []).flatMap(stateOf)) if (state.event > event) states.set(state.event, state);
      nextToken = page.nextToken;
      if (nextToken === undefined || nextToken === '' || page.events?.some((known) => (known.id ?? 0) <= event) === true) break;
    }
    return [...states.values()].sort((a, b) => a.event - b.event);
  }

  /** Outputs of the states that were left last, as JSON, newest first. */
  async lastOutputs(id: ExecutionId): Promise<string[]> {
    const { events = [] } = await this.#history(id, { maxResults: RESULT_EVENTS, includeExecutionData: true });
    const outputs = events.map((event) => ({ at: event.id ?? 0, output: event.stateExitedEventDetails?.output }));
    return outputs.sort((a, b) => b.at - a.at).flatMap(({ output }) => output ?? []);
  }

  /** The newest executions of a workflow, newest first. */
  async list(workflow: WorkflowName, limit: number): Promise<Execution[]> {
    const command = new ListExecutionsCommand({ stateMachineArn: this.#stack.workflows[workflow], maxResults: limit });
    const { executions = [] } = await this.#requests.run({ what: `list the executions of '${workflow}'`, safety: 'read' }, (abortSignal) => this.#client.send(command, { abortSignal }));
    return executions.slice(0, limit).map((found) => ({ workflow, name: found.name ?? '', ...timesOf(found) }));
  }

  close(): void {
    this.#client.destroy();
  }

  /** Newest first, so that one page is enough to see what is new. */
  #history(id: ExecutionId, page: { maxResults: number; includeExecutionData: boolean; nextToken?: string | undefined }): Promise<GetExecutionHistoryOutput> {
    const command = new GetExecutionHistoryCommand({ executionArn: this.#arnOf(id), reverseOrder: true, ...page });
    return this.#requests.run({ what: `read the history of execution ${id.name}`, safety: 'read' }, (abortSignal) => this.#client.send(command, { abortSignal }));
  }

  /** As Step Functions makes it. */
  #arnOf({ workflow, name }: ExecutionId): string {
    return `${this.#stack.workflows[workflow].replace(':stateMachine:', ':execution:')}:${name}`;
  }
}

const detailsOf = (id: ExecutionId, found: DescribeExecutionOutput): ExecutionDetails => ({
  ...id,
  ...timesOf(found),
  output: found.output ?? null,
  error: found.error ?? null,
  cause: found.cause ?? null,
});

function timesOf(found: Pick<DescribeExecutionOutput, 'status' | 'startDate' | 'stopDate'>): Pick<Execution, 'status' | 'startedAt' | 'stoppedAt'> {
  return { status: found.status ?? 'RUNNING', startedAt: found.startDate?.getTime() ?? 0, stoppedAt: found.stopDate?.getTime() ?? null };
}

const stateOf = ({ id = 0, type = 'ExecutionStarted', timestamp, stateEnteredEventDetails }: HistoryEvent): EnteredState[] => {
  const name = stateEnteredEventDetails?.name;
  return name !== undefined && SHOWN.has(type) ? [{ event: id, at: timestamp?.getTime() ?? 0, name }] : [];
};
