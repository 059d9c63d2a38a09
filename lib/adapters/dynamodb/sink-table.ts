/** Requests of the `dynamodb` sink: one look at the table, and puts that replace what is older. */
import { GetItemCommand, PutItemCommand, type PutItemCommandInput } from '@aws-sdk/client-dynamodb';
import type { JobId } from '../../core/numbers.ts';
import type { SinkNode } from '../../core/plan.ts';
import type { Runtime } from '../../ports/runtime.ts';
import type { Limits } from '../aws-requests.ts';
import { number, text, type Attributes } from './attributes.ts';
import { JOB, VERSION, type Stamp, type VersionedItems } from './sink-item.ts';
import { checkTable, creationHint, expectedKey, sinkHints, type Key } from './sink-schema.ts';
import { isRefused, Table, type Consumed } from './table.ts';

/** An IN of DynamoDB has no more operands; the newest ancestors count. */
const JOBS_MAX = 100;

export interface SinkTableParts {
  readonly node: SinkNode;
  /** Jobs whose items may be replaced. */
  readonly lineage: readonly JobId[];
  readonly runtime: Runtime;
  readonly limits?: Limits;
}

export class SinkTable implements VersionedItems {
  readonly #table: Table;
  readonly #key: Key;
  readonly #creation: string;
  readonly #takenOver: readonly string[];

  constructor({ node, lineage, runtime, limits }: SinkTableParts) {
    const { columns, options, primaryKey = [] } = node;
    const { 'table-name': table = '', 'aws.endpoint': endpoint, 'aws.region': region, 'sluice.take-over-from': jobs = '' } = options;
    const destination = { ...(endpoint === undefined ? {} : { endpoint }), ...(region === undefined ? {} : { region }) };
    this.#key = expectedKey(columns, primaryKey);
    this.#creation = creationHint(table, this.#key);
    this.#table = new Table({ table, destination }, runtime, limits, sinkHints(this.#creation));
    this.#takenOver = [...new Set([...lineage, ...jobs.split(';').map((job) => job.trim()).filter((job) => job !== '')])].slice(-JOBS_MAX);
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
      ...this.#condition(stamp),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    const answer = await this.#table.write(what, 'repeatable', ({ client, options }) => client.send(put, options));
    return isRefused(answer) ? (answer.Item ?? (await this.#stored(what, attributes))) : 'written';
  }

  close(): void {
    this.#table.close();
  }

  #condition({ job, version }: Stamp): Pick<PutItemCommandInput, 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'> {
    const taken = this.#takenOver.filter((other) => other !== job).map((other, i) => [`:j${i}`, text(other)] as const);
    const isTakenOver = taken.length === 0 ? '' : ` OR ${JOB} IN (${taken.map(([name]) => name).join(', ')})`;
    return {
      ConditionExpression: `attribute_not_exists(#pk) OR (${JOB} = :job AND ${VERSION} <= :ver)${isTakenOver}`,
      ExpressionAttributeNames: { '#pk': this.#key[0]?.name ?? '' },
      ExpressionAttributeValues: { ':job': text(job), ':ver': number(version), ...Object.fromEntries(taken) },
    };
  }

  /** Not every server returns the item that a condition met. */
  async #stored(what: string, attributes: Attributes): Promise<Attributes | null> {
    const key = Object.fromEntries(Object.entries(attributes).filter(([name]) => this.#key.some((part) => part.name === name)));
    const get = new GetItemCommand({ ...this.#table.base, Key: key, ConsistentRead: true });
    return (await this.#table.read(`${what}: what is there`, ({ client, options }) => client.send(get, options))).Item ?? null;
  }
}
