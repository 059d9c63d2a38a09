/**
 * What a request of CloudFormation for a custom resource means. The resource `job` is one job; its physical id is the job's id, which never
 * changes. The resource `jobs` stands for all jobs of a platform, and only does something when it is deleted.
 */
import { SluiceError } from '../core/errors.ts';
import type { Codec } from '../ports/runtime.ts';
import { PLAN_BYTES_MAX, type CreateInput, type Respond, type TeardownInput, type UpgradeInput } from '../workflows/messages.ts';

/** As CloudFormation sends it: all values of properties are text. */
export interface ResourceRequest {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: Readonly<Record<string, unknown>>;
}

/** What has to be done: an execution, before which a program may have to be stored, or nothing. */
export type ResourceAction =
  | { readonly kind: 'start'; readonly workflow: 'create'; readonly input: CreateInput; readonly program: string | null }
  | { readonly kind: 'start'; readonly workflow: 'upgrade'; readonly input: UpgradeInput; readonly program: string | null }
  | { readonly kind: 'start'; readonly workflow: 'teardown'; readonly input: TeardownInput }
  | { readonly kind: 'nothing' };

const JOB_ID = /^[0-9a-f]{32}$/;

/** Where the end of the request is told, and under which physical id. A request that is repeated means the same resource. */
export function respondTo({ ResponseURL, StackId, RequestId, LogicalResourceId, PhysicalResourceId, ResourceProperties }: ResourceRequest, codec: Pick<Codec, 'sha256'>): Respond {
  const fresh = ResourceProperties['kind'] === 'jobs' ? LogicalResourceId : codec.sha256(`${StackId}${LogicalResourceId}${RequestId}`).slice(0, 32);
  return { ResponseURL, StackId, RequestId, LogicalResourceId, PhysicalResourceId: PhysicalResourceId ?? fresh };
}

/** Throws OPTION_INVALID for properties that cannot be meant. A deletion never does: a resource that was not created must go away. */
export function actionFor(request: ResourceRequest, respond: Respond): ResourceAction {
  const properties = request.ResourceProperties;
  if (request.RequestType === 'Delete') return deletion(properties, respond);
  const kind = oneOf(properties, 'kind', ['job', 'jobs']);
  return kind === 'jobs' ? { kind: 'nothing' } : change(request.RequestType, properties, respond);
}

function deletion(properties: ResourceRequest['ResourceProperties'], respond: Respond): ResourceAction {
  const isAll = properties['kind'] === 'jobs';
  if (!isAll && !JOB_ID.test(respond.PhysicalResourceId)) return { kind: 'nothing' };
  const jobs = isAll ? {} : { jobs: [respond.PhysicalResourceId] };
  const policy = properties['policy'] === 'cancel' ? 'cancel' : 'savepoint';
  return { kind: 'start', workflow: 'teardown', input: { respond, ...jobs, policy, ...directoryOf(properties) } };
}

function change(type: 'Create' | 'Update', properties: ResourceRequest['ResourceProperties'], respond: Respond): ResourceAction {
  oneOf(properties, 'policy', ['savepoint', 'cancel']);
  const [job, plan, allowNonRestored] = [respond.PhysicalResourceId, planOf(properties), oneOf(properties, 'allowNonRestored', ['false', 'true']) === 'true'];
  const [directory, program] = [directoryOf(properties), text(properties, 'program')];
  if (type === 'Update') return { kind: 'start', workflow: 'upgrade', input: { respond, job, plan, allowNonRestored, ...directory }, program };
  const savepoint = text(properties, 'savepoint');
  return { kind: 'start', workflow: 'create', input: { respond, job, plan, allowNonRestored, ...(savepoint === null ? {} : { savepoint }) }, program };
}

const directoryOf = (properties: ResourceRequest['ResourceProperties']): { directory?: string } => {
  const directory = text(properties, 'directory');
  return directory === null ? {} : { directory };
};

/** The JSON text of a plan; what is in it is checked by the workflow. */
function planOf(properties: ResourceRequest['ResourceProperties']): string {
  const plan = text(properties, 'plan');
  if (plan === null) throw invalid('plan', '', 'the JSON text of a plan');
  const bytes = new TextEncoder().encode(JSON.stringify(plan)).length;
  if (bytes > PLAN_BYTES_MAX) throw invalid('plan', `${bytes} bytes of JSON`, `at most ${PLAN_BYTES_MAX} bytes: make several jobs of its statements`);
  return plan;
}

/** Null where it is absent or empty. Absent is the first of the values. */
function oneOf<Value extends string>(properties: ResourceRequest['ResourceProperties'], name: string, values: readonly [Value, ...Value[]]): Value {
  const given = text(properties, name) ?? values[0];
  const found = values.find((value) => value === given);
  if (found === undefined) throw invalid(name, given, values.map((value) => `'${value}'`).join(' or '));
  return found;
}

function text(properties: ResourceRequest['ResourceProperties'], name: string): string | null {
  const value = properties[name];
  if (value === undefined || value === '') return null;
  if (typeof value === 'string') return value;
  throw invalid(name, JSON.stringify(value), 'text');
}

const invalid = (name: string, got: string, allowed: string): SluiceError =>
  new SluiceError('OPTION_INVALID', { message: `the property ${name} of the resource cannot be '${got}'`, hint: `set ${name} to ${allowed}` });
