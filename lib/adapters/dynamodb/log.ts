/** Logs in DynamoDB: one item collection each, `sk` is the sequence number (§3). Expired items come back as long as they are there. */
import { GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { StoreError } from '../../core/errors.ts';
import { seq, type Seq, type WallTime } from '../../core/numbers.ts';
import type { AppendResult, Log, LogItem, LogKey, LogPage } from '../../ports/log.ts';
import { binary, bytesOf, fitting, keyOf, number, numberOf, text, textOf, type Attributes } from './attributes.ts';
import { isRefused, type Table } from './table.ts';

const SEQ_DIGITS = 16;

/** An entry is hardly ever smaller, in bytes: no query asks for more items than can be wanted. */
const SMALL_ENTRY = 256;

export class DynamoLog implements Log {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  get serverTime(): WallTime | null {
    return this.#table.serverTime;
  }

  /** Asked again although it may have happened: it then meets itself, which the engine knows by `id`. */
  async append(log: LogKey, item: LogItem): Promise<AppendResult> {
    const what = `append to ${log} at ${item.seq}`;
    const put = new PutItemCommand({
      ...this.#table.base,
      Item: fitting(attributesOf(log, item), what),
      ConditionExpression: 'attribute_not_exists(pk)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    const answer = await this.#table.write(what, 'repeatable', ({ client, options }) => client.send(put, options));
    if (!isRefused(answer)) return { kind: 'appended' };
    const stored = answer.Item === undefined ? await this.get(log, item.seq) : itemOf(answer.Item);
    if (stored !== null) return { kind: 'exists', item: stored };
    throw new StoreError('no', { message: `${what}: what was there expired during the append` });
  }

  async head(log: LogKey): Promise<LogItem | null> {
    const query = new QueryCommand({
      ...this.#table.base,
      KeyConditionExpression: 'pk = :log',
      ExpressionAttributeValues: { ':log': text(log) },
      ScanIndexForward: false,
      Limit: 1,
      ConsistentRead: true,
    });
    const { Items: [newest] = [] } = await this.#table.read(`head of ${log}`, ({ client, options }) => client.send(query, options));
    return newest === undefined ? null : itemOf(newest);
  }

  async get(log: LogKey, at: Seq): Promise<LogItem | null> {
    const get = new GetItemCommand({ ...this.#table.base, Key: keyOf(log, digits(at)), ConsistentRead: true });
    const { Item } = await this.#table.read(`entry ${at} of ${log}`, ({ client, options }) => client.send(get, options));
    return Item === undefined ? null : itemOf(Item);
  }

  /** Items until `limitBytes` are reached; the one behind them is what tells that more remain. */
  async readAfter(log: LogKey, after: number, limitBytes: number): Promise<LogPage> {
    const items: LogItem[] = [];
    let bytes = 0;
    for (let from: Attributes | undefined, isFirst = true; isFirst || from !== undefined; isFirst = false) {
      const page = await this.#page(log, after, from, limitBytes - bytes);
      for (const item of page.items) {
        if (items.length > 0 && bytes >= limitBytes) return { items, more: true };
        items.push(item);
        bytes += item.body.length + (item.data?.length ?? 0);
      }
      from = page.next;
    }
    return { items, more: false };
  }

  /** One query: up to 1 MB, and no more items than `wanted` bytes can hold; one item if nothing but the rest is asked for. */
  async #page(log: LogKey, after: number, from: Attributes | undefined, wanted: number): Promise<{ items: readonly LogItem[]; next: Attributes | undefined }> {
    const query = new QueryCommand({
      ...this.#table.base,
      KeyConditionExpression: 'pk = :log AND sk >= :first',
      ExpressionAttributeValues: { ':log': text(log), ':first': text(digits(after + 1)) },
      ExclusiveStartKey: from,
      Limit: 1 + Math.ceil(Math.max(0, wanted) / SMALL_ENTRY),
      ConsistentRead: true,
    });
    const answer = await this.#table.read(`entries of ${log} behind ${after}`, ({ client, options }) => client.send(query, options));
    return { items: (answer.Items ?? []).map(itemOf), next: answer.LastEvaluatedKey };
  }
}

const digits = (n: number): string => String(n).padStart(SEQ_DIGITS, '0');

function attributesOf(log: LogKey, { seq: at, id, body, data, ttl }: LogItem): Attributes {
  const item = { ...keyOf(log, digits(at)), i: text(id), b: text(body), ttl: number(ttl) };
  return data === null ? item : { ...item, d: binary(data) };
}

const itemOf = (item: Attributes): LogItem => ({
  seq: seq(Number(textOf(item, 'sk'))),
  id: textOf(item, 'i'),
  body: textOf(item, 'b'),
  data: item['d'] === undefined ? null : bytesOf(item, 'd'),
  ttl: numberOf(item, 'ttl'),
});
