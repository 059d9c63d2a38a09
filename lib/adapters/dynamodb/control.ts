/** Control items in DynamoDB: `v` is the version, `b` the body. They have no `ttl`: what is mutable ends by `remove` alone. */
import { DeleteItemCommand, GetItemCommand, PutItemCommand, QueryCommand, UpdateItemCommand, type ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { SluiceError } from '../../core/errors.ts';
import type { Control, ControlItem, ControlKey, ControlPut, Expected } from '../../ports/control.ts';
import { fitting, keyOf, number, numberOf, text, textOf, type Attributes } from './attributes.ts';
import { isRefused, type Table } from './table.ts';

/** Sorts behind every text that continues a prefix. */
const LAST_CHARACTER = '\u{10FFFF}';
/** Behind a text, it makes the next one in order; alone, the first one that may be a key. */
const FIRST_CHARACTER = '\0';

/** More items than fit into one answer are asked for in several. */
const PAGE_ITEMS_MAX = 1000;

export class DynamoControl implements Control {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async get({ pk, sk }: ControlKey): Promise<ControlItem | null> {
    const get = new GetItemCommand({ ...this.#table.base, Key: keyOf(pk, sk), ConsistentRead: true });
    const { Item } = await this.#table.read(`control item ${pk} ${sk}`, ({ client, options }) => client.send(get, options));
    return Item === undefined ? null : itemOf(Item);
  }

  put(key: ControlKey, body: string, expected: Expected): Promise<ControlPut> {
    return expected === 'any' ? this.#overwrite(key, body) : this.#replace(key, body, expected);
  }

  async list(pk: string, prefix: string, { after, limit }: { after: string; limit: number }): Promise<readonly ControlItem[]> {
    const first = laterOf(prefix, after + FIRST_CHARACTER);
    const last = prefix + LAST_CHARACTER;
    const items: ControlItem[] = [];
    let from: Attributes | undefined;
    do {
      if (items.length >= limit || laterOf(first, last) === first) return items;
      const query = new QueryCommand({
        ...this.#table.base,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
        ExpressionAttributeValues: { ':pk': text(pk), ':first': text(first), ':last': text(last) },
        ExclusiveStartKey: from,
        Limit: Math.min(limit - items.length, PAGE_ITEMS_MAX),
        ConsistentRead: true,
      });
      const answer = await this.#table.read(`control items ${pk} ${prefix}…`, ({ client, options }) => client.send(query, options));
      items.push(...(answer.Items ?? []).map(itemOf));
      from = answer.LastEvaluatedKey;
    } while (from !== undefined);
    return items;
  }

  async remove({ pk, sk }: ControlKey): Promise<void> {
    const remove = new DeleteItemCommand({ ...this.#table.base, Key: keyOf(pk, sk) });
    await this.#table.write(`remove control item ${pk} ${sk}`, 'repeatable', ({ client, options }) => client.send(remove, options));
  }

  /** Asked once: a second attempt would meet the effect of the first one as a conflict. */
  async #replace(key: ControlKey, body: string, expected: 'absent' | number): Promise<ControlPut> {
    const what = `put control item ${key.pk} ${key.sk}`;
    const version = expected === 'absent' ? 1 : expected + 1;
    const put = new PutItemCommand({
      ...this.#table.base,
      Item: fitting({ ...keyOf(key.pk, key.sk), v: number(version), b: text(body) }, what),
      ...(expected === 'absent'
        ? { ConditionExpression: 'attribute_not_exists(pk)' }
        : { ConditionExpression: 'v = :version', ExpressionAttributeValues: { ':version': number(expected) } }),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    const answer = await this.#table.write(what, 'once', ({ client, options }) => client.send(put, options));
    return isRefused(answer) ? { kind: 'conflict', item: await this.#storedInstead(key, answer) } : { kind: 'stored', version };
  }

  /** One request, which makes the item or counts its version up; twice does no harm. */
  async #overwrite(key: ControlKey, body: string): Promise<ControlPut> {
    const what = `put control item ${key.pk} ${key.sk}`;
    fitting({ ...keyOf(key.pk, key.sk), v: number(0), b: text(body) }, what);
    const update = new UpdateItemCommand({
      ...this.#table.base,
      Key: keyOf(key.pk, key.sk),
      UpdateExpression: 'SET b = :body ADD v :one',
      ExpressionAttributeValues: { ':body': text(body), ':one': number(1) },
      ReturnValues: 'UPDATED_NEW',
    });
    const answer = await this.#table.write(what, 'repeatable', ({ client, options }) => client.send(update, options));
    if (isRefused(answer)) throw new SluiceError('INVARIANT', { message: `${what}: a condition was refused that nobody set` });
    return { kind: 'stored', version: numberOf(answer.Attributes ?? {}, 'v') };
  }

  /** Not every server returns the item that a condition met; without one a read tells whether there is any. */
  #storedInstead(key: ControlKey, { Item }: ConditionalCheckFailedException): ControlItem | null | Promise<ControlItem | null> {
    return Item === undefined ? this.get(key) : itemOf(Item);
  }
}

/** DynamoDB orders texts by their UTF-8 bytes. */
const laterOf = (a: string, b: string): string => (Buffer.compare(Buffer.from(a), Buffer.from(b)) > 0 ? a : b);

const itemOf = (item: Attributes): ControlItem => ({
  pk: textOf(item, 'pk'),
  sk: textOf(item, 'sk'),
  version: numberOf(item, 'v'),
  body: textOf(item, 'b'),
});
