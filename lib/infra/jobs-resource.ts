/** CloudFormation's side of jobs: custom resources that the resource function answers (lib/lambda/resource-request.ts says what they mean). */
import { CustomResource, Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { PlatformFunction } from './platform-function.ts';

/** What becomes of the state when a job is removed: written to a savepoint, or left where it is until it expires. */
export type OnRemoval = 'savepoint' | 'cancel';

/** CloudFormation waits no longer for an answer. */
const ANSWER_WITHIN = Duration.hours(1);

/** All jobs of a platform, those of no template included. It does something when it is deleted only: it ends them. */
export interface JobsProperties {
  readonly kind: 'jobs';
  readonly policy: OnRemoval;
}

export interface JobProperties {
  readonly kind: 'job';
  /** The JSON text of a plan. */
  readonly plan: string;
  /** Versions of the functions that it runs on: new code alone is an update, too. */
  readonly codeVersion: string;
  readonly policy: OnRemoval;
  readonly allowNonRestored: 'true' | 'false';
  /** Of savepoints. */
  readonly directory?: string;
  /** Where it begins. */
  readonly savepoint?: string;
  /** `s3://BUCKET/KEY` of the program that the plan names, among the assets of the deploy. */
  readonly program?: string;
}

export const jobsResource = (scope: Construct, id: string, resource: PlatformFunction, properties: JobsProperties | JobProperties): CustomResource =>
  new CustomResource(scope, id, {
    serviceToken: resource.function.functionArn,
    serviceTimeout: ANSWER_WITHIN,
    resourceType: properties.kind === 'jobs' ? 'Custom::SluiceJobs' : 'Custom::SluiceJob',
    properties: { ...properties },
  });
