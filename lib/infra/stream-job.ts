/** A job as a construct: deploying it creates the job, changing it upgrades the job with its state, removing it ends the job. */
import { Annotations, Token, type CustomResource } from 'aws-cdk-lib';
import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { sinksOf, type Plan, type SinkNode } from '../core/plan.ts';
import { isS3, partsOfS3 } from '../core/s3-url.ts';
import { planJobOf, type JobSource, type PlannedJob, type SqlSource } from './job-plan.ts';
import { programAsset } from './job-program.ts';
import { jobsResource, type JobProperties, type OnRemoval } from './jobs-resource.ts';
import { jobMetric } from './metrics.ts';
import { checkBatches, type SluicePlatform } from './platform.ts';
import { allowProgram } from './permissions.ts';
import { check, refused } from './refuse.ts';
import { behindCatalogs, directoryOf, placesOf } from './sink-places.ts';

export interface StreamJobProps {
  readonly platform: SluicePlatform;
  /** `{ file: 'orders.sql' }` or `{ text: '…' }`: CREATE statements, SET, and exactly one INSERT. Planned at synthesis. */
  readonly sql?: SqlSource;
  /** In place of `sql`: a TypeScript file whose default export is `defineJob(…)` of `sluice/api`. Bundled and built at synthesis. */
  readonly entry?: string;
  /** For people; `pipeline.name` wins. @default - the name that the program gives its job, or the id of the construct */
  readonly name?: string;
  /** Records of an event at most, 1 to 10,000. @default - that of the platform */
  readonly batchSize?: number;
  /** Seconds that an event waits for more records, 0 to 300. @default - that of the platform */
  readonly batchWindowSeconds?: number;
  /** Of the savepoints of upgrades and removal: `s3://BUCKET/PREFIX`. @default - `savepoints/` in the platform's bucket */
  readonly savepointDirectory?: string;
  /** A savepoint to begin with; read when the job is created, without effect afterwards. @default - `execution.state-recovery.path` of the script, else none */
  readonly fromSavepoint?: string;
  /** An upgrade may drop state that the new SQL has no use for (V3); otherwise it fails, and the old job goes on. @default - as the script says, else false */
  readonly allowNonRestoredState?: boolean;
  /** Directory of filesystem catalogs that name none, as the functions see it: of use on an emulator only. @default /tmp/warehouse */
  readonly warehouse?: string;
  /** What happens when the job is removed from the template, or the stack is deleted. @default 'savepoint' */
  readonly onRemoval?: OnRemoval;
}

/** The one directory that functions may write to. */
const WAREHOUSE = '/tmp/warehouse';
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** Throws what is wrong with the SQL or the program, with file and line, and OPTION_INVALID for other props. */
export class StreamJob extends Construct {
  readonly plan: Plan;
  readonly #resource: CustomResource;
  readonly #platform: SluicePlatform;

  constructor(scope: Construct, id: string, props: StreamJobProps) {
    super(scope, id);
    const { platform, savepointDirectory: directory } = props;
    checkBatches(this.node.path, props.batchSize ?? 1, props.batchWindowSeconds ?? 0);
    const job = planJobOf(this.node.path, sourceOf(this.node.path, props), { ...props, id, warehouse: props.warehouse ?? WAREHOUSE });
    const savepoint = props.fromSavepoint ?? job.savepoint ?? undefined;
    this.#checkDirectory('savepointDirectory', directory);
    this.#checkDirectory('fromSavepoint', savepoint);
    this.plan = job.plan;
    this.#platform = platform;
    platform.allowSinks(placesOf(this.plan));
    this.#warnOfLocalFiles();
    this.#warnOfCatalogs();
    for (const warning of job.warnings) Annotations.of(this).addWarningV2('sluice:definition', warning);
    this.#resource = jobsResource(this, 'Resource', platform.functions.resource, {
      kind: 'job',
      plan: job.text,
      codeVersion: platform.codeVersion,
      policy: props.onRemoval ?? 'savepoint',
      allowNonRestored: (props.allowNonRestoredState ?? job.allowNonRestored) ? 'true' : 'false',
      ...(directory === undefined ? {} : { directory }),
      ...(savepoint === undefined ? {} : { savepoint }),
      ...this.#program(job),
    });
    this.#resource.node.addDependency(platform.jobs);
  }

  /** 32 hexadecimal digits, the same for all of the job's life: `sluice … --stack NAME JOB`. */
  get jobId(): string {
    return this.#resource.ref;
  }

  /** Start savepoints and read them. Step Functions cannot tell jobs apart: those of the platform's other jobs, too. */
  grantSavepoint(grantee: IGrantable): void {
    this.#platform.grantSavepoint(grantee);
  }

  /** Start any workflow, of the platform's other jobs, too. */
  grantOperate(grantee: IGrantable): void {
    this.#platform.grantOperate(grantee);
  }

  /** See the job, its executions and savepoints, and those of the platform's other jobs. */
  grantRead(grantee: IGrantable): void {
    this.#platform.grantRead(grantee);
  }

  /** Age of the newest record of a batch when it is committed, ms. @default - maximum over one minute */
  metricLag(options?: MetricOptions): Metric {
    return jobMetric('lag', this.jobId, options);
  }

  /** How far event time is behind, ms. @default - maximum over one minute */
  metricWatermarkAge(options?: MetricOptions): Metric {
    return jobMetric('watermarkAge', this.jobId, options);
  }

  /** Rows that came too late for their window. @default - sum over one minute */
  metricLateRows(options?: MetricOptions): Metric {
    return jobMetric('lateRows', this.jobId, options);
  }

  /** Records committed. @default - sum over one minute */
  metricRecords(options?: MetricOptions): Metric {
    return jobMetric('records', this.jobId, options);
  }

  /** Rows given to sinks. @default - sum over one minute */
  metricRowsEmitted(options?: MetricOptions): Metric {
    return jobMetric('rowsEmitted', this.jobId, options);
  }

  /** Uploaded with the templates; from there the resource function takes it. */
  #program({ bundle, plan }: PlannedJob): Pick<JobProperties, 'program'> {
    if (bundle === null || plan.program === undefined) return {};
    const asset = programAsset(this, bundle, plan.program);
    allowProgram(this.#platform.functions.resource, asset);
    return { program: asset.s3ObjectUrl };
  }

  #checkDirectory(what: string, value: string | undefined): void {
    if (value === undefined || Token.isUnresolved(value)) return;
    check(value, (url) => BUCKET.test(partsOfS3(url)?.bucket ?? ''), { at: this.node.path, what: `${what} is nothing that functions can reach`, allowed: 's3://BUCKET/PREFIX', fix: 'name a directory in S3' });
  }

  /** Where a catalog keeps its files is not known at synthesis. */
  #warnOfCatalogs(): void {
    if (this.#platform.isEmulated) return;
    for (const { table, options } of behindCatalogs(this.plan)) {
      Annotations.of(this).addWarningV2('sluice:catalog-permissions', `table '${table}' is behind the catalog at ${options['uri'] ?? ''}: allow the roles of platform.functions.firer and workflow to load and commit tables there, and to read and write its files`);
    }
  }

  /** Disks of functions are nobody's: only an emulator's functions, which are processes of one machine, have one in common. */
  #warnOfLocalFiles(): void {
    const files = sinksOf(this.plan).filter(isOnDisk);
    if (files.length === 0 || this.#platform.isEmulated) return;
    const tables = files.map(({ table }) => `'${table}'`).join(', ');
    Annotations.of(this).addWarningV2('sluice:local-files', `the rows of ${tables} go to the disk of a function and are lost with it: give the table an s3://BUCKET/PREFIX as its path`);
  }
}

function sourceOf(at: string, { sql, entry }: StreamJobProps): JobSource {
  if (sql !== undefined && entry === undefined) return { sql };
  if (entry !== undefined && sql === undefined) return { entry };
  throw refused({ at, what: 'a job is one thing', got: sql === undefined ? 'neither sql nor entry' : 'sql and entry', allowed: 'sql or entry', fix: 'say what the job is with one of them' });
}

/** Tables whose rows a function would keep on its own disk. */
function isOnDisk(sink: SinkNode): boolean {
  const directory = directoryOf(sink);
  return directory !== undefined && !isS3(directory);
}
