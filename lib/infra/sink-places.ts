/** Where rows of jobs go, as far as permissions are concerned: read off a plan, or named for jobs that are not part of the app. */
import type { Plan, SinkNode } from '../core/plan.ts';
import { sinksOf } from '../core/plan.ts';
import { partsOfS3 } from '../core/s3-url.ts';
import { refused } from './refuse.ts';

export type SinkPlace =
  /** Files and Iceberg tables below a prefix, without slashes around it. `removes`: metadata that is no longer needed goes. */
  | { readonly kind: 'objects'; readonly bucket: string; readonly prefix: string; readonly removes: boolean }
  /** Undefined region: that of the stack. */
  | { readonly kind: 'items'; readonly table: string; readonly region: string | undefined }
  /** Undefined transactional ids: rows are written without transactions. */
  | { readonly kind: 'records'; readonly topic: string; readonly transactionalIds: string | undefined };

/** Of all sinks that need a permission which a plan can tell. Emulators and other clouds have their own. */
export const placesOf = (plan: Plan): SinkPlace[] => sinksOf(plan).flatMap(placeOf);

/** Their catalog says where their files are, and asks for permissions of its own. */
export const behindCatalogs = (plan: Plan): SinkNode[] => sinksOf(plan).filter((sink) => sink.connector === 'iceberg' && !isHadoop(sink));

const isHadoop = ({ connector, options }: SinkNode): boolean => connector === 'iceberg' && options['catalog-type'] === 'hadoop';

/** What keeps its rows in a directory: the path of a table of files, or the warehouse that an Iceberg table is in. */
export function directoryOf(sink: SinkNode): string | undefined {
  if (isHadoop(sink)) return sink.options['warehouse'];
  return sink.connector === 'filesystem' ? sink.options['path'] : undefined;
}

function placeOf(sink: SinkNode): SinkPlace[] {
  const { connector, options, records } = sink;
  const directory = directoryOf(sink);
  if (directory !== undefined) return objectsAt(directory, isHadoop(sink));
  const table = options['table-name'];
  if (connector === 'dynamodb' && table !== undefined && options['aws.endpoint'] === undefined) return [{ kind: 'items', table, region: options['aws.region'] }];
  if (records === undefined) return [];
  const isTransactional = records.guarantee === 'exactly-once';
  return [{ kind: 'records', topic: records.topic, transactionalIds: isTransactional ? `${records.transactionalIdPrefix}-*` : undefined }];
}

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

function objectsAt(url: string, removes: boolean): SinkPlace[] {
  const { bucket, key } = partsOfS3(url) ?? { bucket: '', key: '' };
  return BUCKET.test(bucket) ? [{ kind: 'objects', bucket, prefix: key.replace(/\/+$/, ''), removes }] : [];
}

/** `s3://BUCKET/PREFIX`, `dynamodb://TABLE` or `kafka://TOPIC`. Throws OPTION_INVALID. */
export function namedPlace(at: string, url: string): SinkPlace {
  const [objects] = objectsAt(url, true);
  if (objects !== undefined) return objects;
  const [, kind, name = ''] = /^(dynamodb|kafka):\/\/([A-Za-z0-9_.-]+\*?)$/.exec(url) ?? [];
  if (kind === 'dynamodb' && !name.endsWith('*')) return { kind: 'items', table: name, region: undefined };
  if (kind === 'kafka') return { kind: 'records', topic: name, transactionalIds: '*' };
  throw refused({ at, what: 'jobs cannot be allowed to write there', got: url, allowed: 's3://BUCKET/PREFIX, dynamodb://TABLE or kafka://TOPIC, a star at its end for all that begin so', fix: 'name where rows may go' });
}
