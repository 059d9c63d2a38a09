/**
 * A platform behind the names of a stack: CloudFormation, Step Functions and Lambda are fakes that the real clients talk to. The machines and the
 * function are the real ones, in this process, on a data directory which the options of the command line name.
 */
import { ExecutionError, StateMachine } from 'aws-local-stepfunctions';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import type { Workshop } from '../../lib/engine/lifecycle/job-control.ts';
import { workflowHandler, type WorkflowEvent, type WorkflowResult } from '../../lib/lambda/workflow-handler.ts';
import { openEmbedded } from '../../lib/place/embedded.ts';
import { workshopOf } from '../../lib/place/embedded-settings.ts';
import { stateMachine } from '../../lib/workflows/definitions.ts';
import { OUTPUTS, workflowOutput, WORKFLOWS } from '../../lib/workflows/messages.ts';
import type { TaskResult } from '../../lib/workflows/tasks.ts';
import { contextFor, Invoked, Told } from '../functions/kit.ts';
import { MACHINES, startCloud, type Course, type FakeCloud, type FakeCloudParts } from '../servers/cloud.ts';
import { Shop } from './shop.ts';
import { command, type Outcome } from './sluice.ts';

/** All outputs of a platform. */
export const outputsOf = (savepoints: string): Record<string, string> => ({
  [OUTPUTS.store]: 'dynamodb://sluice',
  [OUTPUTS.blobs]: 's3://bucket/sluice',
  [OUTPUTS.kafka]: 'broker:9092',
  [OUTPUTS.savepoints]: savepoints,
  [OUTPUTS.workflowFunction]: 'workflow-function',
  ...Object.fromEntries(WORKFLOWS.map((workflow) => [workflowOutput(workflow), MACHINES + workflow])),
});

export interface StackWorld {
  readonly shop: Shop;
  readonly cloud: FakeCloud;
  /** Invocations of the function wait for it. */
  hold(until: Promise<void>): void;
  /** Of a command line on the stack `prod`, with the store of the data directory. */
  argv(...words: string[]): string[];
  /** Runs one. */
  type(...words: string[]): Promise<Outcome>;
}

/** What executions do first, instead of it, and how soon they are seen. */
export type Instead = Partial<Pick<FakeCloudParts, 'execute' | 'invoke' | 'looksInVain'>>;

export async function openStackWorld(instead: Instead = {}): Promise<StackWorld> {
  const shop = new Shop();
  let held = Promise.resolve();
  const cloud = await startCloud({
    stacks: { prod: outputsOf(join(shop.home, 'savepoints-of-prod')), half: { Store: 'dynamodb://sluice' } },
    looksInVain: instead.looksInVain ?? 0,
    execute: instead.execute ?? ((machine, input, execution) => carryOut(shop.dir, machine, input, execution)),
    invoke: instead.invoke ?? ((_, payload) => held.then(() => invokeFunction(shop.dir, overTheWire(payload)))),
  });
  onTestFinished(() => cloud.stop());
  useCloud(cloud.endpoint);
  const options = ['--dir', shop.dir, '--stack', 'prod', '--store', 'embedded', '--blobs', 'embedded', '--kafka', 'embedded'];
  const argv = (...words: string[]): string[] => [...options, ...words];
  return { shop, cloud, hold: (until) => void (held = until), argv, type: (...words) => command(argv(...words)) };
}

/** Clients of this test find this endpoint, with credentials that nobody checks. */
export function useCloud(endpoint: string): void {
  const variables = { AWS_ENDPOINT_URL: endpoint, AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_EC2_METADATA_DISABLED: 'true' };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
}

/** Runs the very state machine over the very workflow function; what is in its history is left to the fake. */
async function carryOut(dir: string, machine: string, input: unknown, execution: string): Promise<Course> {
  const workflow = WORKFLOWS.find((known) => known === machine);
  if (workflow === undefined) throw new Error(`there is no machine ${machine}`);
  const states: string[] = [];
  let last: TaskResult | null = null;
  const definition = stateMachine(workflow, FUNCTION);
  const ask = async (state: string, parameters: unknown): Promise<ReturnType<typeof JSON.parse>> => {
    states.push(state);
    const { Payload: event }: { Payload: WorkflowEvent } = overTheWire(parameters);
    const result: TaskResult = overTheWire(await invokeFunction(dir, event));
    last = result;
    return overTheWire({ StatusCode: 200, Payload: result });
  };
  const named = (type: string): string[] => Object.entries(definition.States).flatMap(([name, state]) => ('Type' in state && state.Type === type ? [name] : []));
  const overrides = {
    taskResourceLocalHandlers: Object.fromEntries(named('Task').map((state) => [state, (parameters: unknown) => ask(state, parameters)])),
    waitTimeOverrides: Object.fromEntries(named('Wait').map((state) => [state, WAIT_MS])),
    retryIntervalOverrides: Object.fromEntries(named('Task').map((state) => [state, 0])),
  };
  const context = overTheWire({ Execution: { Name: execution, Input: input, StartTime: '2026-01-01T00:00:00Z' } });
  const run = new StateMachine(overTheWire(definition), { validationOptions: { noValidate: true } }).run(overTheWire(input), { context, overrides });
  const failed = await run.result.then(() => false, (error: unknown) => error instanceof ExecutionError);
  const told: TaskResult | null = last;
  if (told === null) throw new Error(`${machine} asked nothing of its function`);
  return { states, result: told, isFailed: failed };
}

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:workflow-function';
const WAIT_MS = 20;

const overTheWire = (value: unknown): ReturnType<typeof JSON.parse> => JSON.parse(JSON.stringify(value));

/** Each invocation opens the store anew, as a sandbox of its own would. */
function invokeFunction(dir: string, event: WorkflowEvent): Promise<WorkflowResult> {
  return withWorkshop(dir, (workshop) => workflowHandler(workshop, new Told().open, new Invoked().invoke)(event, contextFor('sluice-workflow', null)));
}

async function withWorkshop<T>(dir: string, use: (workshop: Workshop) => Promise<T>): Promise<T> {
  const ports = openEmbedded(dir, { create: false });
  try {
    return await use(workshopOf(ports));
  } finally {
    ports.close();
  }
}
