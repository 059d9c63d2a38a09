/** The DynamoDB table, and what this user may do with it. */
import { nodeRuntime } from '../../adapters/node/runtime.ts';
import type { TableFacts } from '../../adapters/dynamodb/index.ts';
import { clockFinding } from './clock.ts';
import { QUICK } from './examine.ts';
import { fail, ok, warn, type Check, type Finding } from './finding.ts';

const WHAT = 'table';

/** `mayWrite`: this machine runs jobs; an operator of a stack reads alone. The clock is the store's, so it is found here. */
export const table = (url: string, mayWrite: boolean): Check => ({
  what: WHAT,
  look: async () => {
    const { inspectTable } = await import('../../adapters/dynamodb/index.ts');
    const facts = await inspectTable(url, { runtime: nodeRuntime, limits: QUICK, mayWrite });
    return tableFindings(url, facts, nodeRuntime.now());
  },
});

export function tableFindings(url: string, { keys, status, ttl, serverTime }: TableFacts, now: number): readonly Finding[] {
  const clock = serverTime === null ? [] : [clockFinding(now, serverTime)];
  return [tableFinding(url, { keys, status, ttl }), ...clock];
}

function tableFinding(url: string, { keys, status, ttl }: Omit<TableFacts, 'serverTime'>): Finding {
  if (keys !== 'pk S, sk S') return fail(WHAT, `its key is (${keys}) instead of (pk S, sk S)`, 'name another table; `sluice store create` makes it');
  if (status !== 'ACTIVE') return warn(WHAT, `it is ${status}`, 'wait until it is ACTIVE');
  if (ttl === null) return warn(WHAT, 'items do not expire: it has no time to live, and grows for ever', 'switch it on: sluice store create');
  if (ttl !== 'ttl') return fail(WHAT, `items expire by '${ttl}' instead of 'ttl'`, 'name another table; `sluice store create` makes it');
  return ok(WHAT, `${url}: the key, the time to live and the permissions are as they should be`);
}
