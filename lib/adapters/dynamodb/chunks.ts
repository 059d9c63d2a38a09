/** Window state chunks in DynamoDB: `s` is the hash, `d` the bytes, `ttl` the expiry (C3, C4). */
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { StoreError } from '../../core/errors.ts';
import type { Chunk, ChunkPut, Chunks } from '../../ports/chunks.ts';
import { binary, bytesOf, fitting, keyOf, number, numberOf, text, textOf, type Attributes } from './attributes.ts';
import { isRefused, type Table } from './table.ts';

export class DynamoChunks implements Chunks {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** Asked again although it may have happened: it then meets its own hash and expiry. */
  async put(collection: string, key: string, { sha, data, expiresAt }: Chunk): Promise<ChunkPut> {
    const what = `put chunk ${collection} ${key}`;
    const put = new PutItemCommand({
      ...this.#table.base,
      Item: fitting({ ...keyOf(collection, key), s: text(sha), d: binary(data), ttl: number(expiresAt) }, what),
      ConditionExpression: 'attribute_not_exists(pk)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    const answer = await this.#table.write(what, 'repeatable', ({ client, options }) => client.send(put, options));
    if (!isRefused(answer)) return { kind: 'written' };
    const stored = answer.Item ?? (await this.#stored(collection, key));
    if (stored !== undefined) return { kind: 'exists', sha: textOf(stored, 's'), expiresAt: numberOf(stored, 'ttl') };
    throw new StoreError('no', { message: `${what}: what was there expired during the put` });
  }

  async get(collection: string, key: string): Promise<Chunk | null> {
    const stored = await this.#stored(collection, key);
    return stored === undefined ? null : { sha: textOf(stored, 's'), data: bytesOf(stored, 'd'), expiresAt: numberOf(stored, 'ttl') };
  }

  async #stored(collection: string, key: string): Promise<Attributes | undefined> {
    const get = new GetItemCommand({ ...this.#table.base, Key: keyOf(collection, key), ConsistentRead: true });
    const { Item } = await this.#table.read(`chunk ${collection} ${key}`, ({ client, options }) => client.send(get, options));
    return Item;
  }
}
