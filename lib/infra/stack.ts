/** The stack of bin/app.ts: a platform and the jobs of some SQL files and programs, all from the command line. Other apps use the constructs. */
import { basename, extname } from 'node:path';
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { isProgram } from '../program/name.ts';
import { readContext } from './context.ts';
import { kafkaClusterOf } from './kafka-context.ts';
import { leaveOut } from './leave-out.ts';
import { SluicePlatform } from './platform.ts';
import { refused } from './refuse.ts';
import { StreamJob } from './stream-job.ts';

export interface SluiceStackProps extends StackProps {
  /** `<bundles>/<function>/index.mjs`. @default - those of this package */
  readonly bundles?: string;
}

/** Reads `sluice:*` of the context (lib/infra/README.md). Throws OPTION_INVALID and what is wrong with the SQL. */
export class SluiceStack extends Stack {
  readonly platform: SluicePlatform;
  readonly jobs: readonly StreamJob[];

  constructor(scope: Construct, id: string, { bundles, ...props }: SluiceStackProps = {}) {
    super(scope, id, { description: 'Sluice: stream processing without servers', ...props });
    const context = readContext(this);
    const { eventSourcesEndpoint, rest } = context;
    this.platform = new SluicePlatform(this, 'Platform', {
      kafka: kafkaClusterOf(this, context.kafka),
      savepointBuckets: context.savepointBuckets.map((name) => Bucket.fromBucketName(this, `Savepoints-${name}`, name)),
      sinks: context.sinks,
      ...(rest === undefined ? {} : { rest: { auth: rest } }),
      ...(eventSourcesEndpoint === undefined ? {} : { eventSourcesEndpoint }),
      ...(bundles === undefined ? {} : { bundles }),
    });
    this.jobs = context.jobs.map((file) => this.#job(file, context.warehouse));
    leaveOut(this, context.leaveOut);
  }

  /** Named like its file: the logical id of a job is what CloudFormation knows it by. */
  #job(file: string, warehouse: string | undefined): StreamJob {
    const id = idOf(file);
    if (this.node.tryFindChild(id) !== undefined) {
      throw refused({ at: 'sluice:jobs', what: 'two jobs have one name', got: file, allowed: 'files whose names differ in letters and digits', fix: 'rename one of the files' });
    }
    const job = new StreamJob(this, id, { platform: this.platform, ...(isProgram(file) ? { entry: file } : { sql: { file } }), name: basename(file, extname(file)), ...(warehouse === undefined ? {} : { warehouse }) });
    new CfnOutput(this, `${id}Id`, { value: job.jobId, description: `Job of ${basename(file)}` });
    return job;
  }
}

/** `orders-per-country.sql` → `JobOrdersPerCountry`. */
const idOf = (file: string): string =>
  `Job${basename(file, extname(file)).split(/[^A-Za-z0-9]+/).map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}`;
