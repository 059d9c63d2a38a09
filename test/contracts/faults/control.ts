/** What holds for every `Control` although a put may have happened that nobody confirmed. */
import { expect } from 'vitest';
import { StoreError } from '../../../lib/core/errors.ts';
import type { Control, ControlPut, Expected } from '../../../lib/ports/control.ts';
import { type Gaps, type Make, opened, suite, type TwoHandles } from '../suite.ts';
import { answered, eachNetwork, toldNetwork } from './network.ts';

const KEY = { pk: 'J#1', sk: 'CTRL' };
const CLIENTS = 4;
const OPERATIONS = 6;

/** The item's body: every operation that took effect, in order. Only so can a client tell that its own did, whoever came behind it. */
const operationsIn = (body: string | undefined): string[] => (body === undefined ? [] : body.split(','));

/** Adds `operation` by compare-and-set. A put that may have happened is resolved by reading; one that is not there is made again. */
async function record(control: Control, operation: string): Promise<void> {
  for (;;) {
    const found = await answered(() => control.get(KEY));
    const before = operationsIn(found?.body);
    if (before.includes(operation)) return;
    const result = await putOrNull(control, [...before, operation].join(','), found?.version ?? 'absent');
    if (result?.kind === 'stored') return;
  }
}

/** null: it may have happened. */
async function putOrNull(control: Control, body: string, expected: Expected): Promise<ControlPut | null> {
  try {
    return await control.put(KEY, body, expected);
  } catch (error) {
    if (error instanceof StoreError) return null;
    throw error;
  }
}

export function controlUnderFaults(name: string, make: Make<TwoHandles<Control>>, gaps: Gaps = {}): void {
  suite(`Control under faults: ${name}`, gaps, (law) => {
    law('a put with an expected version takes effect once at most: no operation is lost, and none is doubled', () =>
      eachNetwork(async (network) => {
        const { first, second } = await opened(make);
        const names = Array.from({ length: CLIENTS }, (_, c) => Array.from({ length: OPERATIONS }, (_item, n) => `c${c}.${n}`));
        await Promise.all(
          names.map(async (operations, c) => {
            const control = network.to(c % 2 ? first : second);
            for (const operation of operations) await record(control, operation);
          }),
        );
        await network.settle();
        const item = await first.get(KEY);
        expect(operationsIn(item?.body).toSorted()).toEqual(names.flat().toSorted());
        expect(item?.version).toBe(CLIENTS * OPERATIONS);
      }));

    law('of creations, any of which may have happened, one wins; every conflict shows it', () =>
      eachNetwork(async (network) => {
        const { first, second } = await opened(make);
        const results = await Promise.all(
          Array.from({ length: 8 }, async (_, c) => putOrNull(network.to(c % 2 ? first : second), `c${c}`, 'absent')),
        );
        await network.settle();
        const item = await first.get(KEY);
        if (item === null) return expect(results).toEqual(results.map(() => null));
        expect(item.version).toBe(1);
        results.forEach((result, c) => {
          if (result?.kind === 'stored') expect(item.body).toBe(`c${c}`);
          if (result?.kind === 'conflict') expect(result.item).toEqual(item);
        });
      }));

    law('a put that lands late, behind another one of the same version, is none', async () => {
      const { first, second } = await opened(make);
      const network = toldNetwork();
      await first.put(KEY, 'a', 'absent');
      network.next('late', 'late');
      await expect(network.to(first).put(KEY, 'late', 1)).rejects.toMatchObject({ happened: 'maybe' });
      await expect(network.to(first).put(KEY, 'late', 'absent')).rejects.toMatchObject({ happened: 'maybe' });
      expect(await second.put(KEY, 'b', 1)).toEqual({ kind: 'stored', version: 2 });
      await network.settle();
      expect(await second.get(KEY)).toEqual({ ...KEY, version: 2, body: 'b' });
    });

    law('`any` may land late, over newer ones: the item is always one that was put, whole, and its version grows', () =>
      eachNetwork(async (network) => {
        const { first, second } = await opened(make);
        let version = 0;
        const look = async (): Promise<void> => {
          const item = await second.get(KEY);
          if (item !== null) expect(item.body).toMatch(/^(x\d+,){99}x\d+$/);
          expect(item?.version ?? 0).toBeGreaterThanOrEqual(version);
          version = item?.version ?? 0;
        };
        for (let n = 0; n < 20; n++) {
          await putOrNull(network.to(first), Array.from({ length: 100 }, () => `x${n}`).join(','), 'any');
          await look();
        }
        await network.settle();
        await look();
      }));

    law('a removal can be repeated until it is confirmed', () =>
      eachNetwork(async (network) => {
        const { first, second } = await opened(make);
        await first.put(KEY, 'a', 'absent');
        await answered(() => network.to(first).remove(KEY));
        expect(await second.get(KEY)).toBeNull();
        await network.settle();
        expect(await answered(() => network.to(second).list(KEY.pk, '', { after: '', limit: 10 }))).toEqual([]);
      }));
  });
}
