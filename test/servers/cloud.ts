/** CloudFormation, STS, Step Functions and Lambda as far as commands ask them, over HTTP, so that the real clients run. What executions do is up to the test. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { VERSION } from '../../lib/core/version.ts';
import { listen, type RunningServer } from './listening.ts';

/** What an execution does: the states that it enters, and how it ends. */
export interface Course {
  readonly states: readonly string[];
  /** Becomes the output, or if it has a failure, what the last states say. */
  readonly result?: { readonly savepoint?: string | null; readonly failure?: { readonly code: string; readonly message: string; readonly hint: string | null } | null };
  /** Default: if the result has a failure. */
  readonly isFailed?: boolean;
  /** Ends otherwise than a machine would. */
  readonly ends?: { readonly status: string; readonly error?: string; readonly cause?: string };
}

export interface FakeExecution {
  readonly machine: string;
  readonly name: string;
  readonly input: unknown;
  status: string;
  output?: string;
  error?: string;
  cause?: string;
  readonly startDate: number;
  stopDate?: number;
  readonly events: object[];
}

export interface FakeCloudParts {
  /** Outputs by name of the stack. */
  readonly stacks: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Null never ends. `machine`: what stands behind `:stateMachine:`. */
  readonly execute: (machine: string, input: unknown, name: string) => Promise<Course | null>;
  /** So many looks at an execution that has started do not see it, as AWS promises no more than that it is seen in the end; default: none. */
  readonly looksInVain?: number;
  /** What the function answers to a synchronous invocation; a string is the message of an error that it throws. */
  readonly invoke: (name: string, payload: unknown) => Promise<object | string>;
}

export interface Invocation {
  readonly name: string;
  readonly payload: unknown;
}

export interface FakeCloud extends RunningServer {
  readonly executions: readonly FakeExecution[];
  /** Synchronous invocations of functions. */
  readonly invocations: readonly Invocation[];
  /** Every request from now on is answered with this error, until null. */
  refuse(refusal: { readonly code: string; readonly message: string; readonly status: number } | null): void;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const MACHINES = 'arn:aws:states:us-east-1:000000000000:stateMachine:';
const DAY_S = 1_800_000_000;

export async function startCloud(parts: FakeCloudParts): Promise<FakeCloud> {
  const functions = new FakeStepFunctions(parts);
  const invocations: Invocation[] = [];
  const invoke: FakeCloudParts['invoke'] = (name, payload) => {
    invocations.push({ name, payload });
    return parts.invoke(name, payload);
  };
  let refusal: Parameters<FakeCloud['refuse']>[0] = null;
  const server = createServer((request, response) => {
    void answer({ ...parts, invoke }, functions, refusal, request).then((given) => send(response, given));
  });
  return { ...(await listen(server)), executions: functions.executions, invocations, refuse: (given) => void (refusal = given) };
}

async function answer(parts: FakeCloudParts, functions: FakeStepFunctions, refusal: Parameters<FakeCloud['refuse']>[0], request: IncomingMessage): Promise<Answer> {
  const body = await bodyOf(request);
  const target = request.headers['x-amz-target'];
  const isQuery = request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
  if (refusal !== null) return isQuery ? xmlError(refusal.status, refusal.code, refusal.message) : jsonError(refusal.status, refusal.code, refusal.message);
  if (isQuery) return queried(parts, new URLSearchParams(body));
  if (typeof target === 'string') return functions.answer(target.replace(/^AWSStepFunctions\./, ''), JSON.parse(body));
  if (request.url?.endsWith('/configuration') === true) return { status: 200, body: JSON.stringify(CONFIGURATION) };
  const [, name = ''] = /^\/2015-03-31\/functions\/([^/]+)\/invocations/.exec(request.url ?? '') ?? [];
  return invocation(await parts.invoke(decodeURIComponent(name), JSON.parse(body)));
}

/** Of every function. */
const CONFIGURATION = { State: 'Active', LastUpdateStatus: 'Successful', Environment: { Variables: { SLUICE_VERSION: VERSION, SLUICE_WRITER: 'writer-function', SLUICE_FIRER: 'firer-function' } } };
const CALLER = 'arn:aws:iam::000000000000:user/test';

/** CloudFormation, and STS. */
function queried({ stacks }: FakeCloudParts, query: URLSearchParams): Answer {
  if (query.get('Action') !== 'GetCallerIdentity') return describeStacks(stacks, query);
  const body = `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>${CALLER}</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`;
  return { status: 200, headers: { 'content-type': 'text/xml' }, body };
}

function describeStacks(stacks: FakeCloudParts['stacks'], query: URLSearchParams): Answer {
  const name = query.get('StackName') ?? '';
  const outputs = stacks[name];
  if (outputs === undefined) return xmlError(400, 'ValidationError', `Stack with id ${name} does not exist`);
  const members = Object.entries(outputs).map(([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value.replaceAll('&', '&amp;')}</OutputValue></member>`);
  const stack = `<StackName>${name}</StackName><CreationTime>2026-11-21T10:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus><Outputs>${members.join('')}</Outputs>`;
  return { status: 200, headers: { 'content-type': 'text/xml' }, body: `<DescribeStacksResponse><DescribeStacksResult><Stacks><member>${stack}</member></Stacks></DescribeStacksResult></DescribeStacksResponse>` };
}

const invocation = (answered: object | string): Answer =>
  typeof answered === 'string'
    ? { status: 200, headers: { 'x-amz-function-error': 'Unhandled' }, body: JSON.stringify({ errorType: 'Error', errorMessage: answered }) }
    : { status: 200, body: JSON.stringify(answered) };

interface Asked {
  readonly stateMachineArn?: string;
  readonly executionArn?: string;
  readonly name?: string;
  readonly input?: string;
  readonly maxResults?: number;
  readonly nextToken?: string;
  readonly reverseOrder?: boolean;
}

class FakeStepFunctions {
  readonly executions: FakeExecution[] = [];
  readonly #parts: FakeCloudParts;
  readonly #looks = new Map<FakeExecution, number>();

  constructor(parts: FakeCloudParts) {
    this.#parts = parts;
  }

  answer(action: string, asked: Asked): Answer {
    switch (action) {
      case 'StartExecution':
        return this.#start(asked);
      case 'ListExecutions':
        return ok({ executions: this.executions.filter(({ machine }) => asked.stateMachineArn === MACHINES + machine).toReversed().slice(0, asked.maxResults).map(described) });
      case 'DescribeExecution':
        return this.#of(asked, (execution) => ok(described(execution)));
      case 'GetExecutionHistory':
        return this.#of(asked, (execution) => ok(pageOf(asked.reverseOrder === true ? execution.events.toReversed() : execution.events, asked)));
      default:
        return jsonError(400, 'UnknownOperationException', action);
    }
  }

  #start({ stateMachineArn = '', name = '', input = 'null' }: Asked): Answer {
    const machine = stateMachineArn.replace(MACHINES, '');
    if (this.executions.some((known) => known.machine === machine && known.name === name)) return jsonError(400, 'ExecutionAlreadyExists', name);
    const execution: FakeExecution = { machine, name, input: JSON.parse(input), status: 'RUNNING', startDate: DAY_S + this.executions.length, events: [{ id: 1, type: 'ExecutionStarted', timestamp: DAY_S }] };
    this.executions.push(execution);
    void this.#parts.execute(machine, execution.input, name).then((course) => {
      if (course !== null) take(execution, course);
    });
    return ok({ executionArn: arnOf(execution), startDate: execution.startDate });
  }

  #of({ executionArn }: Asked, use: (execution: FakeExecution) => Answer): Answer {
    const found = this.executions.find((execution) => arnOf(execution) === executionArn);
    return found === undefined || this.#isInVain(found) ? jsonError(400, 'ExecutionDoesNotExist', `Execution Does Not Exist: '${executionArn}'`) : use(found);
  }

  #isInVain(execution: FakeExecution): boolean {
    const looks = this.#looks.get(execution) ?? 0;
    this.#looks.set(execution, looks + 1);
    return looks < (this.#parts.looksInVain ?? 0);
  }
}

/** Each state is a task, what it says is looked at by a choice. */
function take(execution: FakeExecution, { states, result = {}, ends, isFailed = result.failure != null }: Course): void {
  const { events } = execution;
  const add = (type: string, details: object = {}): void => void events.push({ id: events.length + 1, type, timestamp: DAY_S + events.length, ...details });
  const output = JSON.stringify({ result: { state: 'done', savepoint: null, failure: null, ...result } });
  for (const name of states) {
    add('TaskStateEntered', { stateEnteredEventDetails: { name } });
    add('TaskStateExited', { stateExitedEventDetails: { name, output } });
    add('ChoiceStateEntered', { stateEnteredEventDetails: { name: `${name}: what came of it` } });
    add('ChoiceStateExited', { stateExitedEventDetails: { name: `${name}: what came of it`, output } });
  }
  const { failure = null } = result;
  if (ends !== undefined) Object.assign(execution, ends);
  else if (!isFailed) Object.assign(execution, { status: 'SUCCEEDED', output: JSON.stringify({ state: 'done', savepoint: null, failure: null, ...result }) });
  else Object.assign(execution, { status: 'FAILED', error: failure?.code ?? 'States.TaskFailed', cause: failure?.message ?? '' });
  execution.stopDate = execution.startDate + 2.5;
}

const arnOf = ({ machine, name }: FakeExecution): string => `${MACHINES.replace(':stateMachine:', ':execution:')}${machine}:${name}`;

const described = (execution: FakeExecution): object => {
  const { name, status, output, error, cause, startDate, stopDate, input } = execution;
  return { executionArn: arnOf(execution), stateMachineArn: MACHINES + execution.machine, name, status, output, error, cause, startDate, stopDate, input: JSON.stringify(input) };
};

/** Small pages, so that somebody has to turn them. */
function pageOf(events: readonly object[], { maxResults = 100, nextToken = '0' }: Asked): object {
  const [from, size] = [Number(nextToken), Math.min(maxResults, 7)];
  return { events: events.slice(from, from + size), ...(from + size < events.length ? { nextToken: String(from + size) } : {}) };
}

const ok = (body: object): Answer => ({ status: 200, body: JSON.stringify(body) });
const jsonError = (status: number, code: string, message: string): Answer => ({ status, headers: { 'x-amzn-errortype': code }, body: JSON.stringify({ __type: code, message }) });
const xmlError = (status: number, code: string, message: string): Answer => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>0</RequestId></ErrorResponse>`,
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0', ...headers }).end(body);
}
