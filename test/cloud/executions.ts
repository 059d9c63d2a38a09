/** Executions of a stack's state machines, started and watched as any client of Step Functions does. */
import { DescribeExecutionCommand, GetExecutionHistoryCommand, ListExecutionsCommand, SFNClient, StartExecutionCommand, type DescribeExecutionCommandOutput } from '@aws-sdk/client-sfn';
import { workflowOutput, type WorkflowInputs, type WorkflowName } from '../../lib/workflows/messages.ts';
import { sleep } from '../services/cache.ts';
import { clientOptions, type Emulator } from './emulators.ts';

const PATIENCE_MS = 120_000;
const POLL_MS = 20;

export class Executions {
  readonly #client: SFNClient;
  readonly #outputs: Readonly<Record<string, string>>;

  constructor(emulator: Emulator, outputs: Readonly<Record<string, string>>) {
    this.#client = new SFNClient(clientOptions(emulator));
    this.#outputs = outputs;
  }

  /** A second start under a name is the first one, on AWS as long as that runs; emulators always say that it exists. */
  async start<Name extends WorkflowName>(workflow: Name, name: string, input: WorkflowInputs[Name]): Promise<void> {
    const command = new StartExecutionCommand({ stateMachineArn: this.#machine(workflow), name, input: JSON.stringify(input) });
    await this.#client.send(command).catch((error: unknown) => {
      if (!(error instanceof Error && error.name === 'ExecutionAlreadyExists')) throw error;
    });
  }

  /** Waits for the end; `during` is given the state that was entered last, again and again. */
  async end(workflow: WorkflowName, name: string, during: (state: string) => Promise<void> = async () => {}): Promise<DescribeExecutionCommandOutput> {
    const executionArn = `${this.#machine(workflow).replace(':stateMachine:', ':execution:')}:${name}`;
    for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(POLL_MS)) {
      const found = await this.#client.send(new DescribeExecutionCommand({ executionArn }));
      if (found.status !== 'RUNNING') return found;
      const state = await this.#lastTask(executionArn);
      if (state !== null) await during(state);
    }
    throw new Error(`${name} still runs`);
  }

  async count(workflow: WorkflowName): Promise<number> {
    const { executions = [] } = await this.#client.send(new ListExecutionsCommand({ stateMachineArn: this.#machine(workflow) }));
    return executions.length;
  }

  close(): void {
    this.#client.destroy();
  }

  /** Null where it is not in a task. */
  async #lastTask(executionArn: string): Promise<string | null> {
    const { events = [] } = await this.#client.send(new GetExecutionHistoryCommand({ executionArn, reverseOrder: true, maxResults: 100 }));
    const entered = events.find(({ stateEnteredEventDetails }) => stateEnteredEventDetails !== undefined);
    return entered?.type === 'TaskStateEntered' ? (entered.stateEnteredEventDetails?.name ?? null) : null;
  }

  #machine(workflow: WorkflowName): string {
    const arn = this.#outputs[workflowOutput(workflow)];
    if (arn === undefined) throw new Error(`the stack has no machine for ${workflow}`);
    return arn;
  }
}
