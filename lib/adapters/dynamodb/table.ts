/** The table: requests to it, what they consumed, and the time that its answers bring. */
import { ConditionalCheckFailedException, DynamoDBClient, type ConsumedCapacity, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { wallTime, type WallTime } from '../../core/numbers.ts';
import type { Runtime } from '../../ports/runtime.ts';
import type { Hints } from '../aws-failure.ts';
import { CLIENT_OPTIONS, Requests, type Limits } from '../aws-requests.ts';
import { placeOf, type TableAddress } from './address.ts';

/** What was paid for since the store was opened. Failed attempts count as requests; DynamoDB does not tell the units of a refused condition. */
export interface Consumed {
  reads: number;
  writes: number;
  /** Read request units: a strong read of 4 KB is 1. */
  readUnits: number;
  /** Write request units: 1 KB is 1. */
  writeUnits: number;
}

/** Where `send` of a request goes, and with which options. */
export interface Attempt {
  readonly client: DynamoDBClient;
  readonly options: { readonly abortSignal: AbortSignal };
}

interface Answer {
  readonly ConsumedCapacity?: ConsumedCapacity | undefined;
}

export const TABLE_HINTS: Hints = {
  ResourceNotFoundException:
    'make the table with `sluice store create`, or correct its name, the region or the endpoint',
};

export interface TableOptions {
  readonly hints?: Hints;
  /** Requests that can be under way at once; more wait for them. */
  readonly sockets?: number;
}

/** The SDK's own. */
const SOCKETS = 50;

function requestsOver(maxSockets: number): NonNullable<DynamoDBClientConfig['requestHandler']> {
  const agent = { maxSockets, keepAlive: true };
  return { ...CLIENT_OPTIONS.requestHandler, httpAgent: agent, httpsAgent: agent };
}

export class Table {
  readonly consumed: Consumed = { reads: 0, writes: 0, readUnits: 0, writeUnits: 0 };
  /** In every request. */
  readonly base: { readonly TableName: string; readonly ReturnConsumedCapacity: 'TOTAL' };
  readonly #client: DynamoDBClient;
  readonly #requests: Requests;
  #serverTime: WallTime | null = null;

  constructor(address: TableAddress, runtime: Runtime, limits?: Limits, { hints = TABLE_HINTS, sockets = SOCKETS }: TableOptions = {}) {
    this.base = { TableName: address.table, ReturnConsumedCapacity: 'TOTAL' };
    this.#client = new DynamoDBClient({ ...CLIENT_OPTIONS, requestHandler: requestsOver(sockets), ...address.destination });
    this.#requests = new Requests({ runtime, place: placeOf(address), hints, limits });
    this.#hearDates();
  }

  get serverTime(): WallTime | null {
    return this.#serverTime;
  }

  /** A read; throws StoreError. */
  read<T extends Answer>(what: string, send: (attempt: Attempt) => Promise<T>): Promise<T> {
    return this.#requests.run({ what, safety: 'read' }, async (abortSignal) => {
      this.consumed.reads++;
      const answer = await send({ client: this.#client, options: { abortSignal } });
      this.consumed.readUnits += answer.ConsumedCapacity?.CapacityUnits ?? 0;
      return answer;
    });
  }

  /** A write; the exception where its condition does not hold. Throws StoreError. */
  write<T extends Answer>(what: string, safety: 'repeatable' | 'once', send: (attempt: Attempt) => Promise<T>): Promise<T | ConditionalCheckFailedException> {
    return this.#requests.run({ what, safety }, async (abortSignal) => {
      this.consumed.writes++;
      const answer = await orRefused(send({ client: this.#client, options: { abortSignal } }));
      if (!isRefused(answer)) this.consumed.writeUnits += answer.ConsumedCapacity?.CapacityUnits ?? 0;
      return answer;
    });
  }

  close(): void {
    this.#client.destroy();
  }

  /** Innermost: it sees every answer, that of an error too (K1). */
  #hearDates(): void {
    this.#client.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        this.#serverTime = dateOf(result.response) ?? this.#serverTime;
        return result;
      },
      { step: 'deserialize', priority: 'low', name: 'hearDates' },
    );
  }
}

/** The condition of the write did not hold. */
export const isRefused = (answer: unknown): answer is ConditionalCheckFailedException => answer instanceof ConditionalCheckFailedException;

async function orRefused<T>(answer: Promise<T>): Promise<T | ConditionalCheckFailedException> {
  try {
    return await answer;
  } catch (error) {
    if (isRefused(error)) return error;
    throw error;
  }
}

function dateOf(response: unknown): WallTime | null {
  if (typeof response !== 'object' || response === null || !('headers' in response)) return null;
  const { headers } = response;
  if (typeof headers !== 'object' || headers === null || !('date' in headers)) return null;
  const ms = Date.parse(String(headers.date));
  return Number.isNaN(ms) ? null : wallTime(ms);
}
