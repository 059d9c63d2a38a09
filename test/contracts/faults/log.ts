/** What holds for every `Log` although an append may have happened that nobody confirmed. */
import { expect } from 'vitest';
import { StoreError } from '../../../lib/core/errors.ts';
import { seq } from '../../../lib/core/numbers.ts';
import type { Log, LogItem } from '../../../lib/ports/log.ts';
import { type Gaps, type Make, opened, suite, type TwoHandles } from '../suite.ts';
import { answered, eachNetwork, toldNetwork, type Network } from './network.ts';

const LOG = 'J#00000000000000000000000000000001#g0#C';
const WRITERS = 4;
const LENGTH = 30;

const item = (n: number, id: string): LogItem => ({ seq: seq(n), id, body: `{"by":"${id}"}`, data: Uint8Array.of(n), ttl: 1 });

/** An answer that some client had: who holds a sequence number. */
interface Seen {
  readonly seq: number;
  readonly id: string;
}

/** A client that fills the log with its own items against all others. What it does not know, it reads; what is not there, it repeats. */
class Writer {
  readonly seen: Seen[] = [];
  readonly #log: Log;
  readonly #name: string;

  constructor(log: Log, name: string) {
    this.#log = log;
    this.#name = name;
  }

  async fill(): Promise<void> {
    for (;;) {
      const head = await answered(() => this.#log.head(LOG));
      if (head !== null) this.#note(head);
      const next = head === null ? 0 : head.seq + 1;
      if (next >= LENGTH) return;
      await this.#append(item(next, `${this.#name}.${next}.${this.seen.length}`));
    }
  }

  async #append(own: LogItem): Promise<void> {
    for (;;) {
      try {
        const result = await this.#log.append(LOG, own);
        return this.#note(result.kind === 'appended' ? own : result.item);
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        if (error.happened === 'no') continue;
        const stored = await answered(() => this.#log.get(LOG, own.seq));
        if (stored !== null) return this.#note(stored);
      }
    }
  }

  #note({ seq: at, id }: LogItem): void {
    this.seen.push({ seq: at, id });
  }
}

export function logUnderFaults(name: string, make: Make<TwoHandles<Log>>, gaps: Gaps = {}): void {
  suite(`Log under faults: ${name}`, gaps, (law) => {
    const told = async (): Promise<{ network: Network; log: Log; other: Log }> => {
      const { first, second } = await opened(make);
      const network = toldNetwork();
      return { network, log: network.to(first), other: second };
    };

    law('1: one item per sequence number ever: what one client was told, every other one finds', () =>
      eachNetwork(async (network) => {
        const { first, second } = await opened(make);
        const writers = Array.from({ length: WRITERS }, (_, i) => new Writer(network.to(i % 2 ? first : second), `w${i}`));
        await Promise.all(writers.map((writer) => writer.fill()));
        await network.settle();
        const { items } = await first.readAfter(LOG, -1, 1e9);
        expect(items.map((found) => found.seq)).toEqual(items.map((_, i) => i));
        expect(items.length).toBeGreaterThanOrEqual(LENGTH);
        for (const found of items) expect(found).toEqual(item(found.seq, found.id));
        for (const { seq: at, id } of writers.flatMap((writer) => writer.seen)) expect(items[at]?.id).toBe(id);
      }));

    law('1: the effect of an append that lands late, behind that of another one, is none', async () => {
      const { network, log, other } = await told();
      network.next('late');
      await expect(log.append(LOG, item(0, 'late'))).rejects.toMatchObject({ happened: 'maybe' });
      expect(await other.append(LOG, item(0, 'other'))).toEqual({ kind: 'appended' });
      await network.settle();
      expect(await other.head(LOG)).toEqual(item(0, 'other'));
      expect(await log.append(LOG, item(0, 'late'))).toEqual({ kind: 'exists', item: item(0, 'other') });
    });

    law('1: an append that lands late where nobody was is the one that counts', async () => {
      const { network, log, other } = await told();
      network.next('late');
      await expect(log.append(LOG, item(0, 'late'))).rejects.toMatchObject({ happened: 'maybe' });
      expect(await other.get(LOG, seq(0))).toBeNull();
      await network.settle();
      expect(await other.append(LOG, item(0, 'other'))).toEqual({ kind: 'exists', item: item(0, 'late') });
    });

    law('5: an append whose answer was lost is found by reading, and repeated it meets itself', async () => {
      const { network, log } = await told();
      network.next('response-lost');
      await expect(log.append(LOG, item(0, 'own'))).rejects.toMatchObject({ happened: 'maybe' });
      expect(await log.get(LOG, seq(0))).toEqual(item(0, 'own'));
      expect(await log.append(LOG, item(0, 'own'))).toEqual({ kind: 'exists', item: item(0, 'own') });
    });

    law('5: of an append that did not happen there is nothing, now and later', async () => {
      const { network, log } = await told();
      network.next('throttled');
      await expect(log.append(LOG, item(0, 'own'))).rejects.toMatchObject({ happened: 'no' });
      await network.settle();
      expect(await log.head(LOG)).toBeNull();
    });
  });
}
