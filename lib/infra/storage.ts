/** What outlives everything else: the table of logs and control items (protocol §3), and the bucket of large objects and savepoints. */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

/** Below it lies what the protocol owns; savepoints lie beside it. */
export const PLATFORM_PREFIX = 'platform/';
export const SAVEPOINTS_PREFIX = 'savepoints/';

/** T7, as lib/adapters/s3 sets it on a bucket that was not made here. */
const EXPIRING = ['spill/', 'res/', 'chunks/'];
const EXPIRING_AFTER = Duration.days(30);
const UPLOADS_ABORTED_AFTER = Duration.days(7);

export interface StorageProps {
  /** @default RemovalPolicy.RETAIN */
  readonly removalPolicy?: RemovalPolicy;
}

export class Storage extends Construct {
  /** `Table` and not `TableV2`: one region, and AWS::DynamoDB::Table is what all emulators know. */
  readonly table: Table;
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, { removalPolicy = RemovalPolicy.RETAIN }: StorageProps = {}) {
    super(scope, id);
    this.table = new Table(this, 'Table', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'ttl',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy,
    });
    this.bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      lifecycleRules: [
        ...EXPIRING.map((prefix) => ({ prefix: PLATFORM_PREFIX + prefix, expiration: EXPIRING_AFTER })),
        { prefix: PLATFORM_PREFIX, abortIncompleteMultipartUploadAfter: UPLOADS_ABORTED_AFTER },
      ],
      removalPolicy,
    });
  }

  /** As `--store`, `--blobs` and the directory of savepoints. */
  get urls(): { readonly store: string; readonly blobs: string; readonly savepoints: string } {
    const { bucketName } = this.bucket;
    return {
      store: `dynamodb://${this.table.tableName}`,
      blobs: `s3://${bucketName}/${PLATFORM_PREFIX.slice(0, -1)}`,
      savepoints: `s3://${bucketName}/${SAVEPOINTS_PREFIX.slice(0, -1)}`,
    };
  }
}
