/** The laws of Log, Control and Chunks against one server that speaks DynamoDB; every test has a table of its own. */
import { expect, test } from 'vitest';
import { createTable, openDynamoStore, type DynamoStore } from '../../lib/adapters/dynamodb/index.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { chunksContract } from '../contracts/chunks.ts';
import { controlContract } from '../contracts/control.ts';
import { chunksUnderFaults } from '../contracts/faults/chunks.ts';
import { controlUnderFaults } from '../contracts/faults/control.ts';
import { logUnderFaults } from '../contracts/faults/log.ts';
import { logContract } from '../contracts/log.ts';
import type { TwoHandles } from '../contracts/suite.ts';

/** The address of a table that does not exist yet. */
export const freshAddress = (endpoint: string): string => `dynamodb://t-${nodeRuntime.randomHex(8)}?endpoint=${endpoint}&region=us-east-1`;

const twoHandles = <Port>(endpoint: () => string, portOf: (store: DynamoStore) => Port) => async (): Promise<TwoHandles<Port>> => {
  const url = freshAddress(endpoint());
  await createTable(url);
  const stores = [openDynamoStore(url, { runtime: nodeRuntime }), openDynamoStore(url, { runtime: nodeRuntime })] as const;
  return { first: portOf(stores[0]), second: portOf(stores[1]), close: () => stores.forEach((store) => store.close()) };
};

/** The laws that hold when nothing fails; `endpoint` is asked when a test runs. */
export function dynamoLaws(name: string, endpoint: () => string): void {
  logContract(name, logs(endpoint));
  controlContract(name, controls(endpoint));
  chunksContract(name, chunkStores(endpoint));
  test(`${name}: two that create one table at once both find it`, async () => {
    const url = freshAddress(endpoint());
    await Promise.all([createTable(url), createTable(url)]);
    const store = openDynamoStore(url, { runtime: nodeRuntime });
    expect(await store.log.head('L')).toBeNull();
    store.close();
  });
}

/** The laws that hold although requests and answers get lost; thousands of requests. */
export function dynamoUnderFaults(name: string, endpoint: () => string): void {
  logUnderFaults(name, logs(endpoint));
  controlUnderFaults(name, controls(endpoint));
  chunksUnderFaults(name, chunkStores(endpoint));
}

const logs = (endpoint: () => string) => twoHandles(endpoint, (store) => store.log);
const controls = (endpoint: () => string) => twoHandles(endpoint, (store) => store.control);
const chunkStores = (endpoint: () => string) => twoHandles(endpoint, (store) => store.chunks);
