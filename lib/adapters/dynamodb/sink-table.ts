/** Requests of the `dynamodb` sink: one look at the table, and puts that replace what is older. */
import { BatchGetItemCommand, GetItemCommand, PutItemCommand, type PutItemCommandInput } from '@aws-sdk/client-dynamodb';
import { isError } from '../../core/errors.ts';
import type { JobId } from '../../core/numbers.ts';
import type { SinkNode } from '../../core/plan.ts';
import { jobsIn, JOBS_MAX } from '../../core/take-over.ts';
import type { Runtime } from '../../ports/runtime.ts';
import type { Limits } from '../aws-requests.ts';
import { number, text, type Attributes } from './attributes.ts';
import { inFlightOf, isOwn, JOB, VERSION, type Stamp, type VersionedItems } from './sink-item.ts';
import { checkTable, creationHint, expectedKey, sinkHints, type Key } from './sink-schema.ts';
import { isRefused, Table, type Consumed } from './table.ts';

export interface SinkTableParts {
  readonly node: SinkNode;
  /** Jobs whose items may be replaced. */
  readonly lineage: readonly JobId[];
  readonly runtime: Runtime;
  readonly limits?: Limits;
}

/** The newest ancestors, and the jobs that the table names: `JOBS_MAX` at most of each. */
type TakenOver = readonly [lineage: readonly string[], named: readonly string[]];

type Condition = Pick<PutItemCommandInput, 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'>;

/** There is nothing, or what this job put before, or an item of a job that is taken over. */
export function putCondition(key: string, { job, version }: Stamp, takenOver: TakenOver): Condition {
  const lists = takenOver.map((jobs, l) => jobs.filter((other) => other !== job).map((other, i) => [`:j${l}x${i}`, text(other)] as const));
  const isTakenOver = lists.flatMap((taken) => (taken.length === 0 ? [] : [` OR ${JOB} IN (${taken.map(([name]) => name).join(', ')})`])).join('');
  return {
    ConditionExpression: `attribute_not_exists(#pk) OR (${JOB} = :job AND ${VERSION} <= :ver)${isTakenOver}`,
    ExpressionAttributeNames: { '#pk': key },
    ExpressionAttributeValues: { ':job': text(job), ':ver': number(version), ...Object.fromEntries(lists.flat()) },
  };
}

export class SinkTable implements VersionedItems {
  readonly #table: Table;
  readonly #key: Key;
  readonly #creation: string;
  readonly #takenOver: TakenOver;

  constructor({ node, lineage, runtime, limits }: SinkTableParts) {
    const { columns, options, primaryKey = [] } = node;
    const { 'table-name': table = '', 'aws.endpoint': endpoint, 'aws.region': region, 'sluice.take-over-from': jobs = '' } = options;
    const destination = { ...(endpoint === undefined ? {} : { endpoint }), ...(region === undefined ? {} : { region }) };
    this.#key = expectedKey(columns, primaryKey);
    this.#creation = creationHint(table, this.#key);
    this.#table = new Table({ table, destination }, runtime, limits, { hints: sinkHints(this.#creation), sockets: inFlightOf(options) });
    this.#takenOver = [lineage.slice(-JOBS_MAX), jobsIn(jobs)];
  }

  get name(): string {
    return this.#table.base.TableName;
  }

  /** Live counters. */
  get consumed(): Readonly<Consumed> {
    return this.#table.consumed;
  }

  check(): Promise<void> {
    return checkTable(this.#table, this.#key, this.#creation);
  }

  /** Repeated where its answer was lost: it meets its own version. */
  async put(what: string, attributes: Attributes, stamp: Stamp): Promise<'written' | Attributes | null> {
    const put = new PutItemCommand({
      ...this.#table.base,
      Item: { ...attributes, [JOB]: text(stamp.job), [VERSION]: number(stamp.version) },
      ...putCondition(this.#key[0]?.name ?? '', stamp, this.#takenOver),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    const answer = await this.#table.write(what, 'repeatable', ({ client, options }) => client.send(put, options));
    return isRefused(answer) ? (answer.Item ?? (await this.#stored(what, attributes))) : 'written';
  }

  /** Where they cannot be read, for example because that is not allowed, rows are put again: that costs more, and changes nothing. */
  async known(items: readonly Attributes[], stamp: Stamp): Promise<readonly boolean[]> {
    try {
      const own = new Set((await this.#versions(items)).flatMap((item) => (isOwn(item, stamp) ? [this.#idOf(item)] : [])));
      return items.map((item) => own.has(this.#idOf(item)));
    } catch (error) {
      if (isError(error, 'STORE_FAILED')) return items.map(() => false);
      throw error;
    }
  }

  /** What has not been processed counts as not known. A stale answer does no harm. */
  async #versions(items: readonly Attributes[]): Promise<readonly Attributes[]> {
    const { TableName: name, ReturnConsumedCapacity } = this.#table.base;
    const names = Object.fromEntries([...this.#key.map((part) => part.name), JOB, VERSION].map((attribute, i) => [`#n${i}`, attribute]));
    const keys = { Keys: items.map((item) => this.#keyOf(item)), ProjectionExpression: Object.keys(names).join(', '), ExpressionAttributeNames: names };
    const get = new BatchGetItemCommand({ RequestItems: { [name]: keys }, ReturnConsumedCapacity });
    const answer = await this.#table.read(`read the versions of ${items.length} items`, async ({ client, options }) => {
      const { Responses: found, ConsumedCapacity: [consumed] = [] } = await client.send(get, options);
      return { found, ConsumedCapacity: consumed };
    });
    return answer.found?.[name] ?? [];
  }

  #keyOf(item: Attributes): Attributes {
    return Object.fromEntries(Object.entries(item).filter(([name]) => this.#key.some((part) => part.name === name)));
  }

  /** Numbers come back without trailing zeros. */
  #idOf(item: Attributes): string {
    const values = this.#key.map(({ name }) => item[name]);
    return JSON.stringify(values.map((value) => value?.S ?? value?.N?.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '') ?? Buffer.from(value?.B ?? []).toString('hex')));
  }

  close(): void {
    this.#table.close();
  }

  /** Not every server returns the item that a condition met. */
  async #stored(what: string, attributes: Attributes): Promise<Attributes | null> {
    const get = new GetItemCommand({ ...this.#table.base, Key: this.#keyOf(attributes), ConsistentRead: true });
    return (await this.#table.read(`${what}: what is there`, ({ client, options }) => client.send(get, options))).Item ?? null;
  }
}
