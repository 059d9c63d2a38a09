import { expect } from 'vitest';
import { fireNumber, generation, jobId, type JobId, uid } from '../../lib/core/numbers.ts';
import type { SinkNode } from '../../lib/core/plan.ts';
import { STRING } from '../../lib/core/types.ts';
import type { Emission, Sink } from '../../lib/ports/sink.ts';
import { type Closable, type Gaps, type Make, opened, race, suite } from './suite.ts';

/** One table with the column `v STRING`, and the sinks that write it. */
export interface SinkWorld extends Closable {
  /** A further handle on the sink of `job`, as another process opens it. */
  open(job: JobId): Promise<Sink>;
  /** Values of the table in the order in which they took effect. */
  effects(): Promise<string[]>;
}

const JOB = jobId('0123456789abcdef0123456789abcdef');
const OTHER_JOB = jobId('fedcba9876543210fedcba9876543210');

/** A sink node of any connector for a table with the column `v`. */
export const sinkNode = (connector: SinkNode['connector'], options: Readonly<Record<string, string>>): SinkNode => ({
  kind: 'sink',
  uid: uid('out'),
  input: uid('in'),
  table: 'c.d.t',
  connector,
  columns: [{ name: 'v', type: STRING, nullable: true }],
  options,
});

/** The emission (g, f) of `values`, behind FIRE `pf`. */
export const emission = (g: number, f: number, pf: number | null, values: readonly string[]): Emission => ({
  g: generation(g),
  f: fireNumber(f),
  pf: pf === null ? null : fireNumber(pf),
  rows: values.map((value) => [value]),
});

const DURABLE = { kind: 'durable' };

/** The laws X1-X5 of `Sink`. */
export function sinkContract(name: string, make: Make<SinkWorld>, gaps: Gaps = {}): void {
  suite(`Sink: ${name}`, gaps, (law) => {
    law('X1: a position takes effect once, however often and by whomever it is emitted', async () => {
      const world = await opened(make);
      const [first, second] = [await world.open(JOB), await world.open(JOB)];
      const results = await race(20, (i) => (i % 2 ? first : second).emit(emission(0, 1, null, ['a', 'b'])));
      expect(results).toEqual(Array.from({ length: 20 }, () => DURABLE));
      expect(await (await world.open(JOB)).emit(emission(0, 1, null, ['a', 'b']))).toEqual(DURABLE);
      expect(await world.effects()).toEqual(['a', 'b']);
    });

    law('X1: a late repetition of an older position has no effect', async () => {
      const world = await opened(make);
      const sink = await world.open(JOB);
      await sink.emit(emission(0, 1, null, ['a']));
      await sink.emit(emission(0, 3, 1, ['b']));
      expect(await sink.emit(emission(0, 1, null, ['a']))).toEqual(DURABLE);
      expect(await world.effects()).toEqual(['a', 'b']);
    });

    law('X1: the sinks of two jobs on one table do not meet', async () => {
      const world = await opened(make);
      await (await world.open(JOB)).emit(emission(0, 1, null, ['a']));
      await (await world.open(OTHER_JOB)).emit(emission(0, 1, null, ['b']));
      expect((await world.effects()).toSorted()).toEqual(['a', 'b']);
    });

    law('X2: effects appear in the order of f, also across 10', async () => {
      const world = await opened(make);
      const sink = await world.open(JOB);
      for (let f = 8; f < 12; f++) await sink.emit(emission(0, f, f === 8 ? null : f - 1, [`f${f}`]));
      expect(await world.effects()).toEqual(['f8', 'f9', 'f10', 'f11']);
    });

    law('X2: handles that take turns go on behind one another', async () => {
      const world = await opened(make);
      const [one, other] = [await world.open(JOB), await world.open(JOB)];
      for (let f = 1; f < 6; f++) expect(await (f % 3 === 1 ? one : other).emit(emission(0, f, f === 1 ? null : f - 1, [`f${f}`]))).toEqual(DURABLE);
      expect(await world.effects()).toEqual(['f1', 'f2', 'f3', 'f4', 'f5']);
    });

    law('X2: an emission whose predecessor has not taken effect is refused', async () => {
      const world = await opened(make);
      const sink = await world.open(JOB);
      await sink.emit(emission(0, 1, null, ['a']));
      await expect(sink.emit(emission(0, 5, 3, ['c']))).rejects.toThrow('X2');
      expect(await world.effects()).toEqual(['a']);
    });

    law('X3: after a fence nothing of an older generation takes effect', async () => {
      const world = await opened(make);
      const [old, young] = [await world.open(JOB), await world.open(JOB)];
      await old.emit(emission(0, 1, null, ['a']));
      await young.fence(generation(2));
      expect(await old.emit(emission(0, 2, 1, ['zombie']))).toEqual({ kind: 'fenced', by: 2 });
      expect(await old.emit(emission(1, 2, 1, ['zombie']))).toEqual({ kind: 'fenced', by: 2 });
      expect(await young.emit(emission(2, 2, 1, ['b']))).toEqual(DURABLE);
      expect(await world.effects()).toEqual(['a', 'b']);
    });

    law('X3: a fence returns the newest position that took effect, and can be repeated', async () => {
      const world = await opened(make);
      const sink = await world.open(JOB);
      expect(await sink.fence(generation(0))).toBeNull();
      await sink.emit(emission(0, 1, null, ['a']));
      await sink.emit(emission(0, 4, 1, ['b']));
      expect(await sink.fence(generation(1))).toEqual({ g: 0, f: 4 });
      expect(await sink.fence(generation(1))).toEqual({ g: 0, f: 4 });
    });

    law('X3: a new generation may begin below the newest FIRE of the old one (restore from an older base)', async () => {
      const world = await opened(make);
      const sink = await world.open(JOB);
      await sink.emit(emission(0, 5, null, ['a']));
      await sink.fence(generation(1));
      expect(await sink.emit(emission(1, 3, 2, ['a again']))).toEqual(DURABLE);
      expect(await world.effects()).toEqual(['a', 'a again']);
    });

    law('X4: a position that is repeated with other rows is REPLAY_DIFFERS and has no effect', async () => {
      const world = await opened(make);
      const sink = await world.open(JOB);
      await sink.emit(emission(0, 1, null, ['a']));
      await expect(sink.emit(emission(0, 1, null, ['other']))).rejects.toMatchObject({ code: 'REPLAY_DIFFERS' });
      expect(await world.effects()).toEqual(['a']);
    });

    law('X5: what was confirmed is seen by every handle', async () => {
      const world = await opened(make);
      expect(await (await world.open(JOB)).emit(emission(0, 1, null, ['a']))).toEqual(DURABLE);
      expect(await world.effects()).toEqual(['a']);
    });

    law('an emission without rows is confirmed and leaves no trace', async () => {
      const world = await opened(make);
      const sink = await world.open(JOB);
      expect(await sink.emit(emission(0, 1, null, []))).toEqual(DURABLE);
      expect(await sink.emit(emission(0, 2, null, ['a']))).toEqual(DURABLE);
      expect(await world.effects()).toEqual(['a']);
    });
  });
}
