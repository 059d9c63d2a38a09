/** One task of an execution: who asks, for which job, what it was told before, and how long it has been waiting. */
import type { JobId } from '../../core/numbers.ts';
import type { Ports } from '../../ports/ports.ts';
import type { WorkflowFailure, WorkflowName } from '../../workflows/messages.ts';
import type { Phase, TaskEvent, TaskResult } from '../../workflows/tasks.ts';
import { readJobId, type Input } from './input.ts';

/** A task that still has to wait behind this gives up. Longer than sinks are waited for (F14), and a part of the hour that CloudFormation waits. */
const PATIENCE_MS = 20 * 60_000;
const WAIT_SECONDS_MAX = 30;

export class Frame {
  readonly workflow: WorkflowName;
  readonly execution: string;
  readonly input: Input;
  /** What the task before has answered, or this one, if it is repeated. */
  readonly previous: Partial<TaskResult>;
  readonly #event: TaskEvent;
  readonly #ports: Pick<Ports, 'codec' | 'runtime'>;

  constructor(event: TaskEvent, ports: Pick<Ports, 'codec' | 'runtime'>) {
    this.#event = event;
    this.#ports = ports;
    this.workflow = event.workflow;
    this.execution = event.execution;
    this.input = isObject(event.input) ? event.input : {};
    this.previous = isObject(this.input['result']) ? this.input['result'] : {};
  }

  /** Throws USAGE. */
  get job(): JobId {
    return readJobId(this.input);
  }

  /** The id of the request that a phase of this execution makes; it stays the same, however often the task is repeated. */
  requestId(phase: Phase): string {
    return this.#ports.codec.sha256(`${this.execution}:${this.job}:${phase}`).slice(0, 32);
  }

  /** CloudFormation has started the execution, and waits for its answer. */
  get isDeployment(): boolean {
    return isObject(this.input['respond']);
  }

  /** Nobody repeats the execution by hand: it waits for operations of others. */
  get isPatient(): boolean {
    return this.workflow === 'teardown' || this.isDeployment || this.isWayBack;
  }

  /** Something has failed already; the task repairs what that has left. */
  get isWayBack(): boolean {
    const event = this.#event;
    return event.action === 'settle' || ('phase' in event && event.phase === 'undo');
  }

  /** Why the execution is on its way back. */
  get reason(): WorkflowFailure | null {
    return this.isWayBack ? (this.previous.failure ?? null) : null;
  }

  /** Since when the task has been waiting. */
  get since(): number {
    return (this.#isRepeated ? this.previous.since : null) ?? this.#ports.runtime.now();
  }

  get isOutOfPatience(): boolean {
    return this.#ports.runtime.now() - this.since > PATIENCE_MS;
  }

  /** Doubles with every repetition. */
  get waitSeconds(): number {
    return this.#isRepeated ? Math.min(WAIT_SECONDS_MAX, 2 * (this.previous.waitSeconds ?? 1)) : 1;
  }

  get #isRepeated(): boolean {
    return this.previous.state === 'again';
  }
}

const isObject = (value: unknown): value is Input => typeof value === 'object' && value !== null && !Array.isArray(value);
