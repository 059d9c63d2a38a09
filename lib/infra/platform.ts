/** Everything that jobs run on. */
import { CfnOutput, Stack, type CustomResource, type RemovalPolicy } from 'aws-cdk-lib';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { VERSION } from '../core/version.ts';
import { VARIABLES } from '../workflows/environment.ts';
import { OUTPUTS, WORKFLOWS, workflowOutput } from '../workflows/messages.ts';
import { defaultBundles } from './bundles.ts';
import { mappingEnvironment, placeEnvironment } from './environment.ts';
import { acknowledgeFindings } from './findings.ts';
import { grantOperate, grantRead, grantSavepoint } from './grants.ts';
import { jobsResource, type OnRemoval } from './jobs-resource.ts';
import type { KafkaCluster } from './kafka-cluster.ts';
import { platformMetric, type MeasuredName } from './metrics.ts';
import { Monitoring, type MonitoringOptions } from './monitoring.ts';
import { allowAliases, allowInvoke, allowKafka, allowMappings, allowPolling, allowPrograms, allowSavepoints, allowStore, type SavepointBucket } from './permissions.ts';
import { PlatformFunction, type FunctionName, type PlatformFunctionProps } from './platform-function.ts';
import { check, refused } from './refuse.ts';
import { RestApi, type RestApiOptions } from './rest-api.ts';
import { allowSink } from './sink-permissions.ts';
import { namedPlace, type SinkPlace } from './sink-places.ts';
import { StateMachines } from './state-machines.ts';
import { Storage } from './storage.ts';
import { tickRule, tickRuleArn, tickRuleName } from './tick.ts';

export interface SluicePlatformProps {
  /** What jobs read from. */
  readonly kafka: KafkaCluster;
  /** Other buckets that savepoints are written to or resumed from, with all of their objects. @default - the platform's own only */
  readonly savepointBuckets?: readonly SavepointBucket[];
  /** Records of an event at most, 1 to 10,000, where a job does not say. @default - that of the workflow function */
  readonly batchSize?: number;
  /** Seconds that an event waits for more records, 0 to 300, where a job does not say. @default - Lambda's 500 ms */
  readonly batchWindowSeconds?: number;
  /**
   * Where jobs may write that are submitted by the command: `s3://BUCKET/PREFIX`, `dynamodb://TABLE`, `kafka://TOPIC`. What jobs of the app write follows
   * from their SQL. @default - nowhere
   */
  readonly sinks?: readonly string[];
  /** What happens to jobs that still run when the platform is deleted. @default 'savepoint' */
  readonly onRemoval?: OnRemoval;
  /** Of table and bucket. @default RemovalPolicy.RETAIN */
  readonly removalPolicy?: RemovalPolicy;
  /** @default RetentionDays.ONE_MONTH */
  readonly logRetention?: RetentionDays;
  /** False: neither alarms nor dashboard, which cost a few dollars a month. @default - all of them */
  readonly monitoring?: MonitoringOptions | false;
  /** The REST API and the web page behind a function URL, for those who know a token, or whom IAM lets in. @default - none: `sluice serve --stack` serves them */
  readonly rest?: RestApiOptions;
  /** Lambda's API for event source mappings, where another one than Lambda has them: emulators. @default - Lambda */
  readonly eventSourcesEndpoint?: string;
  /** `<bundles>/<function>/index.mjs`. @default - those of this package */
  readonly bundles?: string;
}

type CodeProps = Pick<PlatformFunctionProps, 'bundles' | 'logRetention'>;

/** Longer than most steps of an operation take: an execution that was killed is gone for that long before the tick goes on with it. */
const TAKE_OVER_MS = 300_000;
const BATCH_SIZE_MAX = 10_000;
const BATCH_WINDOW_MAX = 300;

/**
 * Table, bucket, functions, workflows, tick, alarms and dashboard. One per stack: the stack's outputs are how `sluice --stack` finds it. Throws
 * OPTION_INVALID for props that cannot work.
 */
export class SluicePlatform extends Construct {
  readonly storage: Storage;
  readonly functions: Readonly<Record<FunctionName, PlatformFunction>>;
  readonly workflows: StateMachines;
  readonly monitoring: Monitoring | undefined;
  readonly rest: RestApi | undefined;
  /** All jobs: whatever depends on it exists as long as the platform can run jobs. */
  readonly jobs: CustomResource;
  /** Event source mappings are made elsewhere than at Lambda. */
  readonly isEmulated: boolean;
  readonly #kafka: KafkaCluster;

  constructor(scope: Construct, id: string, props: SluicePlatformProps) {
    super(scope, id);
    checkProps(this.node.path, props);
    this.isEmulated = props.eventSourcesEndpoint !== undefined;
    this.#kafka = props.kafka;
    const code: CodeProps = { bundles: props.bundles ?? defaultBundles(), logRetention: props.logRetention ?? RetentionDays.ONE_MONTH };
    this.storage = new Storage(this, 'Storage', props.removalPolicy === undefined ? {} : { removalPolicy: props.removalPolicy });
    const ruleName = tickRuleName(this);
    const { writer, firer, workflow } = this.#functions(props, code, ruleName);
    this.workflows = new StateMachines(this, 'Workflows', { workflow, logRetention: code.logRetention });
    const resource = this.#resource(code);
    this.functions = { writer, firer, workflow, resource };
    const restProps = { ...code, storage: this.storage, workflow, workflows: this.workflows, bootstrapServers: props.kafka.bootstrapServers };
    this.rest = props.rest === undefined ? undefined : new RestApi(this, 'Rest', { ...restProps, ...props.rest });
    const tick = tickRule(this, 'Tick', { ruleName, workflow });
    this.#permit(props, ruleName);
    for (const url of props.sinks ?? []) this.#allowSink(namedPlace(this.node.path, url));
    this.monitoring = props.monitoring === false ? undefined : new Monitoring(this, 'Monitoring', { ...props.monitoring, functions: this.functions, workflows: this.workflows });
    this.jobs = jobsResource(this, 'Jobs', resource, { kind: 'jobs', policy: props.onRemoval ?? 'savepoint' });
    // Made last, and deleted first: jobs end while all that they need is still there.
    this.jobs.node.addDependency(this.storage, this.workflows, tick, ...Object.values(this.functions));
    this.#outputs(props.kafka);
    acknowledgeFindings(this);
  }

  /** Lets jobs write there. */
  allowSinks(places: readonly SinkPlace[]): void {
    for (const place of places) this.#allowSink(place);
    if (places.length > 0) acknowledgeFindings(this);
  }

  #allowSink(place: SinkPlace): void {
    for (const fn of [this.functions.firer, this.functions.workflow]) allowSink(fn, this.#kafka, place);
  }

  /** Versions of what jobs run on. */
  get codeVersion(): string {
    return `${this.functions.writer.function.currentVersion.version}-${this.functions.firer.function.currentVersion.version}`;
  }

  /** Of all jobs together. @default - one minute */
  metric(name: MeasuredName, options?: MetricOptions): Metric {
    const { writer, firer, workflow } = this.functions;
    return platformMetric(name, { writer: writer.function, firer: firer.function, workflow: workflow.function }, options);
  }

  /** Start savepoints of any job, see how they go, and read them. */
  grantSavepoint(grantee: IGrantable): void {
    grantSavepoint(this, grantee);
  }

  /** Start any workflow and see how it goes: what `sluice --stack` needs for all of its commands. */
  grantOperate(grantee: IGrantable): void {
    grantOperate(this, grantee);
  }

  /** Read jobs, executions and savepoints: `list`, and queries of savepoints. */
  grantRead(grantee: IGrantable): void {
    grantRead(this, grantee);
  }

  #functions(props: SluicePlatformProps, code: CodeProps, ruleName: string): Omit<Record<FunctionName, PlatformFunction>, 'resource'> {
    const common = { ...code, network: props.kafka.network };
    const place = placeEnvironment(this.storage, props.kafka);
    const firer = new PlatformFunction(this, 'Firer', { ...common, name: 'firer', environment: place });
    const writer = new PlatformFunction(this, 'Writer', { ...common, name: 'writer', environment: { ...place, [VARIABLES.firer]: firer.name } });
    const environment = {
      ...place,
      ...mappingEnvironment(props.kafka, props),
      [VARIABLES.version]: VERSION,
      [VARIABLES.writer]: writer.name,
      [VARIABLES.firer]: firer.name,
      [VARIABLES.writerVersion]: writer.function.currentVersion.version,
      [VARIABLES.firerVersion]: firer.function.currentVersion.version,
      [VARIABLES.schedule]: ruleName,
      [VARIABLES.takeOverMs]: String(TAKE_OVER_MS),
    };
    return { writer, firer, workflow: new PlatformFunction(this, 'Workflow', { ...common, name: 'workflow', environment }) };
  }

  /** Outside of any VPC: it talks to Step Functions and CloudFormation only. */
  #resource(code: CodeProps): PlatformFunction {
    const { create, upgrade, teardown } = this.workflows.machines;
    const machines = { create: create.stateMachineArn, upgrade: upgrade.stateMachineArn, teardown: teardown.stateMachineArn };
    const environment = { [VARIABLES.stateMachines]: Stack.of(this).toJsonString(machines), [VARIABLES.blobs]: this.storage.urls.blobs };
    const resource = new PlatformFunction(this, 'JobResource', { ...code, name: 'resource', environment });
    resource.allow(['states:StartExecution'], Object.values(machines));
    allowPrograms(resource, this.storage);
    return resource;
  }

  #permit({ kafka, savepointBuckets = [] }: SluicePlatformProps, ruleName: string): void {
    const { writer, firer, workflow } = this.functions;
    const { bucket } = this.storage;
    for (const fn of [writer, firer, workflow]) allowStore(fn, this.storage);
    allowSavepoints(firer, bucket, savepointBuckets, 'read');
    allowSavepoints(workflow, bucket, savepointBuckets, 'write');
    // What would become of a job's state is read from the savepoint that it would go on from.
    if (this.rest !== undefined) allowSavepoints(this.rest.function, bucket, savepointBuckets, 'read');
    allowKafka(writer, kafka, 'read');
    allowKafka(firer, kafka, 'commit');
    allowKafka(workflow, kafka, 'commit');
    allowPolling(writer, kafka);
    allowInvoke(writer, firer);
    allowInvoke(workflow, firer);
    allowAliases(workflow, [writer, firer]);
    allowMappings(workflow, writer);
    workflow.allow(['events:DescribeRule', 'events:EnableRule', 'events:DisableRule'], [tickRuleArn(this, ruleName)]);
  }

  #outputs({ bootstrapServers }: KafkaCluster): void {
    const { store, blobs, savepoints } = this.storage.urls;
    this.#output(OUTPUTS.store, store);
    this.#output(OUTPUTS.blobs, blobs);
    this.#output(OUTPUTS.savepoints, savepoints);
    this.#output(OUTPUTS.kafka, bootstrapServers);
    this.#output(OUTPUTS.workflowFunction, this.functions.workflow.name);
    for (const name of WORKFLOWS) this.#output(workflowOutput(name), this.workflows.machines[name].stateMachineArn);
  }

  #output(name: string, value: string): void {
    new CfnOutput(this, `Output${name}`, { value }).overrideLogicalId(name);
  }
}

function checkProps(at: string, { kafka, batchSize = 1, batchWindowSeconds = 0, eventSourcesEndpoint }: SluicePlatformProps): void {
  checkBatches(at, batchSize, batchWindowSeconds);
  if (eventSourcesEndpoint !== undefined) {
    const isUrl = (url: string): boolean => /^https?:\/\/[^/]+/.test(url);
    check(eventSourcesEndpoint, isUrl, { at, what: 'eventSourcesEndpoint is no URL', allowed: 'http://HOST:PORT', fix: 'leave it out, or name where `sluice esm` listens' });
  } else if (kafka.network === undefined && !isReachable(kafka)) {
    throw refused({
      at,
      what: 'event source mappings cannot reach the brokers',
      got: `${kafka.bootstrapServers}, authentication ${kafka.authentication.kind}, no network`,
      allowed: 'a network, or brokers on the Internet with a user',
      fix: 'give KafkaCluster the vpc, subnets and security groups of the brokers as `network`',
    });
  }
}

/** MSK is in a VPC unless its names say otherwise; Lambda refuses self-managed brokers with neither a VPC nor a user. */
const isReachable = ({ clusterArn, bootstrapServers, secret }: KafkaCluster): boolean => (clusterArn === undefined ? secret !== undefined : /-public\./.test(bootstrapServers));

/** Lambda's bounds. */
export function checkBatches(at: string, batchSize: number, batchWindowSeconds: number): void {
  const isWithin = (min: number, max: number) => (n: number): boolean => Number.isInteger(n) && n >= min && n <= max;
  check(batchSize, isWithin(1, BATCH_SIZE_MAX), { at, what: 'batchSize is out of bounds', allowed: `1 to ${BATCH_SIZE_MAX} records`, fix: 'use 1000, or 10000 for the lowest cost' });
  check(batchWindowSeconds, isWithin(0, BATCH_WINDOW_MAX), { at, what: 'the batch window is out of bounds', allowed: `0 to ${BATCH_WINDOW_MAX} whole seconds`, fix: 'use 1 to 5 seconds' });
}
