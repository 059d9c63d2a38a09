/** The REST API and the web page at a URL of their own. */
import { CfnOutput, Stack } from 'aws-cdk-lib';
import { FunctionUrlAuthType, InvokeMode } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { VARIABLES } from '../workflows/environment.ts';
import { WORKFLOWS, type WorkflowName } from '../workflows/messages.ts';
import { executionsOf } from './grants.ts';
import { PlatformFunction, type PlatformFunctionProps } from './platform-function.ts';
import { PLATFORM_PREFIX, type Storage } from './storage.ts';
import type { StateMachines } from './state-machines.ts';

export interface RestApiOptions {
  /**
   * Who may call: `iam` lets in whom IAM allows `lambda:InvokeFunctionUrl` and `lambda:InvokeFunction`, with signed requests; `token` whoever sends the secret
   * that is made for it, as clients of Flink and browsers can.
   */
  readonly auth: 'iam' | 'token';
}

export interface RestApiProps extends RestApiOptions, Pick<PlatformFunctionProps, 'bundles' | 'logRetention'> {
  readonly storage: Storage;
  readonly workflow: PlatformFunction;
  readonly workflows: StateMachines;
  /** `HOST:PORT,…`: to name them, it reaches no Kafka. */
  readonly bootstrapServers: string;
}

/** What clients of the API do to jobs. */
const STARTED: readonly WorkflowName[] = ['savepoint', 'stop', 'cancel', 'resume'];
const TOKEN_CHARACTERS = 48;
/** Of a URL that is open to the Internet: who floods it leaves the functions of jobs their part of the account. */
const CONCURRENCY_MAX = 20;

/** Outside of any VPC: what Kafka is needed for, the workflow function is asked. */
export class RestApi extends Construct {
  readonly function: PlatformFunction;
  /** The token; undefined with IAM. */
  readonly token: Secret | undefined;
  readonly url: string;

  constructor(scope: Construct, id: string, { auth, bundles, logRetention, bootstrapServers, ...parts }: RestApiProps) {
    super(scope, id);
    this.token = auth === 'iam' ? undefined : new Secret(this, 'Token', { generateSecretString: { passwordLength: TOKEN_CHARACTERS, excludePunctuation: true } });
    this.function = new PlatformFunction(this, 'Function', { name: 'rest', bundles, logRetention, concurrency: auth === 'iam' ? undefined : CONCURRENCY_MAX, environment: { ...this.#environment(parts), [VARIABLES.kafka]: bootstrapServers } });
    this.#permit(parts);
    this.url = this.function.function.addFunctionUrl({ authType: auth === 'iam' ? FunctionUrlAuthType.AWS_IAM : FunctionUrlAuthType.NONE, invokeMode: InvokeMode.BUFFERED }).url;
    new CfnOutput(this, 'OutputRest', { value: this.url }).overrideLogicalId('Rest');
    if (this.token !== undefined) new CfnOutput(this, 'OutputRestToken', { value: this.token.secretArn }).overrideLogicalId('RestToken');
  }

  #environment({ storage, workflow, workflows }: Pick<RestApiProps, 'storage' | 'workflow' | 'workflows'>): Record<string, string> {
    const { store, blobs, savepoints } = storage.urls;
    const machines = Object.fromEntries(WORKFLOWS.map((name) => [name, workflows.machines[name].stateMachineArn]));
    return {
      [VARIABLES.store]: store,
      [VARIABLES.blobs]: blobs,
      [VARIABLES.savepoints]: savepoints,
      [VARIABLES.stack]: Stack.of(this).stackName,
      [VARIABLES.workflow]: workflow.name,
      [VARIABLES.stateMachines]: Stack.of(this).toJsonString(machines),
      ...(this.token === undefined ? {} : { [VARIABLES.restToken]: this.token.secretArn }),
    };
  }

  /** It reads what jobs are and starts executions; it writes nothing. Savepoints are the platform's to permit. */
  #permit({ storage: { table, bucket }, workflow, workflows }: Pick<RestApiProps, 'storage' | 'workflow' | 'workflows'>): void {
    this.function.allow(['dynamodb:GetItem', 'dynamodb:Query'], [table.tableArn]);
    this.function.allow(['s3:GetObject'], [bucket.arnForObjects(`${PLATFORM_PREFIX}*`)]);
    this.function.allow(['s3:ListBucket'], [bucket.bucketArn]);
    this.function.allow(['states:StartExecution'], workflows.arns(STARTED));
    this.function.allow(['states:DescribeExecution', 'states:GetExecutionHistory'], STARTED.map((name) => executionsOf(workflows, name)));
    this.function.allow(['lambda:InvokeFunction'], [workflow.function.functionArn]);
    this.token?.grantRead(this.function.role);
  }
}
