/** What holds for every `Sink` although an emission or a fence may have happened that nobody confirmed. */
import { expect } from 'vitest';
import { generation, jobId } from '../../../lib/core/numbers.ts';
import type { EmitResult, Sink } from '../../../lib/ports/sink.ts';
import { type Gaps, type Make, opened, suite } from '../suite.ts';
import { emission, type SinkWorld } from '../sink.ts';
import { answered, eachNetwork, toldNetwork } from './network.ts';

const JOB = jobId('0123456789abcdef0123456789abcdef');
const FIRES = 12;

const fires = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const valuesAt = (f: number): string[] => [`f${f}a`, `f${f}b`];

/** Emits (g, from) to (g, FIRES), each until it is confirmed (F10); ends when it is fenced (F9). */
async function emitAll(sink: Sink, g: number, from: number): Promise<EmitResult['kind']> {
  for (const f of fires(from, FIRES)) {
    const result = await answered(() => sink.emit(emission(g, f, f === 1 ? null : f - 1, valuesAt(f))));
    if (result.kind === 'fenced') return 'fenced';
  }
  return 'durable';
}

export function sinkUnderFaults(name: string, make: Make<SinkWorld>, gaps: Gaps = {}): void {
  suite(`Sink under faults: ${name}`, gaps, (law) => {
    law('X1, X2: what may have taken effect is emitted again, by several, and takes effect once, in order', () =>
      eachNetwork(async (network) => {
        const world = await opened(make);
        const sinks = await Promise.all([1, 2, 3].map(() => world.open(JOB)));
        await Promise.all(sinks.map((sink) => emitAll(network.to(sink), 0, 1)));
        await network.settle();
        expect(await world.effects()).toEqual(fires(1, FIRES).flatMap(valuesAt));
      }));

    law('X3: of the old generation nothing takes effect behind a fence, however late it lands; the new one goes on at its answer', () =>
      eachNetwork(async (network) => {
        const world = await opened(make);
        const [old, young] = [network.to(await world.open(JOB)), network.to(await world.open(JOB))];
        const emitting = emitAll(old, 0, 1);
        const takeOver = async (): Promise<void> => {
          for (let n = 0; n < 5; n++) await answered(() => young.fence(generation(0)));
          const newest = await answered(() => young.fence(generation(1)));
          expect(await emitAll(young, 1, (newest?.f ?? 0) + 1)).toBe('durable');
        };
        await Promise.all([emitting, takeOver()]);
        await network.settle();
        expect(await world.effects()).toEqual(fires(1, FIRES).flatMap(valuesAt));
      }));

    law('X1: an emission whose answer was lost is confirmed when it is repeated, and one that lands late repeats nothing', async () => {
      const world = await opened(make);
      const sink = await world.open(JOB);
      const network = toldNetwork();
      network.next('response-lost', 'late');
      await expect(network.to(sink).emit(emission(0, 1, null, ['a']))).rejects.toMatchObject({ happened: 'maybe' });
      await expect(network.to(sink).emit(emission(0, 1, null, ['a']))).rejects.toMatchObject({ happened: 'maybe' });
      expect(await sink.emit(emission(0, 1, null, ['a']))).toEqual({ kind: 'durable' });
      expect(await sink.emit(emission(0, 2, 1, ['b']))).toEqual({ kind: 'durable' });
      await network.settle();
      expect(await world.effects()).toEqual(['a', 'b']);
    });
  });
}
