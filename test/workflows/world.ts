/** The very state machines, run in process over the real workflow function on memory ports; any task can be disturbed. */
import { ExecutionError, StateMachine } from 'aws-local-stepfunctions';
import { offset, partitionId, type JobId } from '../../lib/core/numbers.ts';
import type { Plan } from '../../lib/core/plan.ts';
import { SluiceError, StoreError } from '../../lib/core/errors.ts';
import { failIfLost } from '../../lib/engine/lifecycle/fail.ts';
import { readControl, type JobControl, type Workshop } from '../../lib/engine/lifecycle/job-control.ts';
import { requestCreate } from '../../lib/engine/lifecycle/start.ts';
import { requestCancel, requestStop } from '../../lib/engine/lifecycle/stop.ts';
import { runOperation } from '../../lib/engine/lifecycle/workflow.ts';
import type { PutText } from '../../lib/lambda/cloudformation.ts';
import type { Blob } from '../../lib/ports/blob.ts';
import type { Consumers } from '../../lib/ports/consumers.ts';
import { workflowHandler, type WorkflowEvent, type WorkflowResult } from '../../lib/lambda/workflow-handler.ts';
import { stateMachine, type StateMachine as Definition } from '../../lib/workflows/definitions.ts';
import type { WorkflowInputs, WorkflowName } from '../../lib/workflows/messages.ts';
import type { TaskEvent, TaskResult } from '../../lib/workflows/tasks.ts';
import { contextFor, Invoked, Told } from '../functions/kit.ts';
import { labPlan } from '../engine/lab-plan.ts';
import { JOB } from './inputs.ts';
import { Stack, type StackOptions } from '../engine/stack.ts';

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:workflow';
const CONTEXT = contextFor('sluice-workflow', null);

/** What JSON leaves of a value. */
const overTheWire = (value: unknown): ReturnType<typeof JSON.parse> => JSON.parse(JSON.stringify(value));

export interface States {
  readonly [name: string]: Readonly<Record<string, unknown>>;
}

/** All states, those of iterations too. */
export function allStates({ States: states }: Pick<Definition, 'States'>): States {
  const own = Object.entries(states).map(([name, state]): [string, Record<string, unknown>] => [name, { ...state }]);
  const inner = own.flatMap(([, { ItemProcessor: processor }]) => (isMachine(processor) ? Object.entries(allStates(processor)) : []));
  return Object.fromEntries([...own, ...inner]);
}

const isMachine = (value: unknown): value is Pick<Definition, 'States'> => typeof value === 'object' && value !== null && 'States' in value;

export const definitionOf = (name: WorkflowName): Definition => stateMachine(name, ARN);

interface Interpreted {
  readonly machine: StateMachine;
  readonly tasksOf: readonly string[];
  readonly waitsOf: readonly string[];
}

const interpreted = new Map<WorkflowName, Interpreted>();

function machineOf(name: WorkflowName): Interpreted {
  const found = interpreted.get(name);
  if (found !== undefined) return found;
  const definition = definitionOf(name);
  const named = (type: string): string[] => Object.entries(allStates(definition)).flatMap(([state, { Type }]) => (Type === type ? [state] : []));
  const made = { machine: new StateMachine(overTheWire(definition), { validationOptions: { noValidate: true } }), tasksOf: named('Task'), waitsOf: named('Wait') };
  interpreted.set(name, made);
  return made;
}

/** How an execution ended: `output` of one that succeeded, `error` and `cause` of one that failed. */
export interface Ended {
  readonly output: TaskResult | null;
  readonly error: string | null;
  readonly cause: string | null;
  /** Tasks, in the order in which they were asked; a repetition counts. */
  readonly tasks: readonly string[];
}

/** In the place of an invocation: may throw before or behind the real one, or do something else first. */
export type Disturb = (state: string, invoke: () => Promise<WorkflowResult>) => Promise<WorkflowResult>;

const UNDISTURBED: Disturb = (_state, invoke) => invoke();

export class World {
  readonly stack: Stack;
  readonly told = new Told();
  readonly invoked = new Invoked();
  readonly answers: Record<string, unknown>[] = [];
  readonly scheduled: string[] = [];
  onEnable = async (): Promise<void> => {};
  onDisable = async (): Promise<void> => {};
  /** Of the platform. */
  savepoints: string | null = '/savepoints';
  /** What a directory of savepoints takes. */
  isWritable: (directory: string, key: string) => boolean = () => true;
  /** Generations whose consumers are refused. */
  refused: readonly number[] = [];
  readonly workshop: Workshop;

  constructor(options: StackOptions = {}) {
    this.stack = new Stack(options);
    const { workshop, ports } = this.stack;
    this.workshop = { ...workshop, ports: { ...ports, consumers: this.#refusing(ports.consumers), openDirectory: (url) => this.#guarded(ports.openDirectory(url), url) } };
  }

  /** A world with a running job. */
  static async withJob(options: StackOptions & { readonly job?: JobId } = {}): Promise<World> {
    const world = new World(options);
    await world.create(options.job ?? JOB, options.plan ?? labPlan());
    return world;
  }

  async create(job: JobId, plan: Plan = labPlan()): Promise<void> {
    const { workshop } = this;
    await requestCreate(workshop, plan, { savepoint: null, allowNonRestored: false, job });
    await runOperation(workshop, job);
    await this.stack.reopen(job);
  }

  readonly put: PutText = async (_url, text) => {
    this.answers.push(JSON.parse(text));
    return 200;
  };

  async invoke(event: WorkflowEvent): Promise<WorkflowResult> {
    const schedule = {
      enable: (): Promise<void> => (this.scheduled.push('enable'), this.onEnable()),
      disable: (): Promise<void> => (this.scheduled.push('disable'), this.onDisable()),
    };
    const handler = workflowHandler(this.workshop, this.told.open, this.invoked.invoke, { schedule, savepoints: this.savepoints, put: this.put });
    return overTheWire(await handler(overTheWire(event), CONTEXT));
  }

  async run<Name extends WorkflowName>(name: Name, input: WorkflowInputs[Name], { execution = 'e-1', disturb = UNDISTURBED }: { execution?: string; disturb?: Disturb } = {}): Promise<Ended> {
    const { machine, tasksOf, waitsOf } = machineOf(name);
    const tasks: string[] = [];
    const ask = async (state: string, parameters: unknown): Promise<ReturnType<typeof JSON.parse>> => {
      tasks.push(state);
      const { Payload }: { Payload: TaskEvent } = overTheWire(parameters);
      const result = await disturb(state, () => this.invoke(Payload));
      // The wait that follows, in the time of this world.
      if ('state' in result && result.state === 'again') this.stack.runtime.advance(result.waitSeconds * 1000);
      return overTheWire({ StatusCode: 200, Payload: result });
    };
    const overrides = {
      taskResourceLocalHandlers: Object.fromEntries(tasksOf.map((state) => [state, (parameters: unknown) => ask(state, parameters)])),
      waitTimeOverrides: Object.fromEntries(waitsOf.map((state) => [state, 0])),
      retryIntervalOverrides: Object.fromEntries(tasksOf.map((state) => [state, 0])),
    };
    const context = overTheWire({ Execution: { Name: execution, Input: input, StartTime: '2026-01-01T00:00:00Z' } });
    try {
      const output: TaskResult = overTheWire(await machine.run(overTheWire(input), { context, overrides }).result);
      return { output, error: null, cause: null, tasks };
    } catch (error) {
      if (!(error instanceof ExecutionError) || !(error.cause instanceof Error)) throw error;
      return { output: null, error: error.cause.name, cause: error.cause.message, tasks };
    }
  }

  async control(job: JobId = JOB): Promise<JobControl> {
    return (await readControl(this.stack.stores, job)).control;
  }

  /** Generations of a job with consumers. */
  attached(job: JobId = JOB): string[] {
    return [...this.stack.stores.consumers.generations.keys()].flatMap((key) => (key.startsWith(job) ? [key.slice(33)] : []));
  }

  /** An operation whose caller is killed behind the request. */
  async begin(kind: 'stop' | 'cancel', job: JobId = JOB): Promise<void> {
    if (kind === 'stop') await requestStop(this.workshop, job, { directory: '/savepoints', drain: false });
    else await requestCancel(this.workshop, job);
  }

  /** Has the job FAILED, if its log is lost. */
  async fail(job: JobId): Promise<void> {
    await this.stack.reopen(job);
    if (!(await failIfLost(this.workshop, this.stack.job))) throw new Error('the job is well');
  }

  #refusing(consumers: Consumers): Consumers {
    return {
      attach: async (consumption) => {
        if (this.refused.includes(consumption.g)) throw new SluiceError('CONSUMERS_REFUSED', { message: 'no permission to attach' });
        await consumers.attach(consumption);
      },
      pause: (job, g) => consumers.pause(job, g),
      detach: (job, g) => consumers.detach(job, g),
      attached: () => consumers.attached(),
    };
  }

  #guarded(directory: Blob, url: string): Blob {
    return new Proxy(directory, {
      get: (target, member) => {
        const value: unknown = Reflect.get(target, member, target);
        if (typeof value !== 'function') return value;
        return async (key: string, ...args: unknown[]) => {
          if (member === 'put' && !this.isWritable(url, key)) throw new StoreError('no', { message: 'no space left' });
          const result: unknown = await Reflect.apply(value, target, [key, ...args]);
          return result;
        };
      },
    });
  }

  /** Delivers everything to the job, from the first record on (what its log has is passed over), and fires what is due. */
  async flow(job: JobId = JOB): Promise<void> {
    await this.deliver(job);
    const firer = this.stack.firer();
    for (let i = 0; i < 20; i++) if ((await firer.step()).kind === 'idle') return;
    throw new Error('the firer did not come to rest');
  }

  async deliver(job: JobId = JOB): Promise<void> {
    await this.stack.reopen(job);
    const { stack } = this;
    const writer = stack.writer();
    const partitions = (await stack.stores.source.topic('events'))?.partitions.length ?? 0;
    for (let p = 0; p < partitions; p++) {
      const batch = await stack.stores.source.fetch('events', p, ZERO, 1e9);
      if (batch !== null) await writer.commit(partitionId(0, 0, p), batch);
    }
  }
}

const ZERO = offset(0);
