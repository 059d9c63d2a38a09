/**
 * The clock table (protocol 2.2): for every rule that a clock guards, the error it tolerates, and what happens beyond it. Errors of more
 * than CLOCK_SKEW_MAX are shown with a store whose answers carry no time: any other store makes such a process stop writing (K1).
 */
import { describe, expect, test } from 'vitest';
import { seq, wallTime } from '../../lib/core/numbers.ts';
import { MIN_WATERMARK } from '../../lib/core/watermark.ts';
import { carriedOver } from '../../lib/engine/log/entries.ts';
import { openPartitionLog } from '../../lib/engine/log/logs.ts';
import type { Runtime } from '../../lib/ports/runtime.ts';
import { LAB_START_MS, labPlan } from './lab-plan.ts';
import { DAY, MINUTE, once, P0, SkewedRuntime, Stack, stateOf, type StackOptions, type TestRuntime } from './stack.ts';

const HOUR = 60 * MINUTE;
const SKEW_MAX = 5 * MINUTE;

/** A job with one committed record. */
async function withRecord(options: StackOptions = {}): Promise<Stack> {
  const stack = await Stack.start(options);
  stack.produce([['click', 10]]);
  await stack.deliver(stack.writer());
  return stack;
}

const skewed = (stack: Stack, ms: number): SkewedRuntime => new SkewedRuntime(stack.runtime, ms);

/** A process that was frozen: none of its clocks sees the time that passes for the others. */
function standingStill(runtime: TestRuntime): Runtime {
  const [wall, elapsed] = [runtime.now(), runtime.elapsed()];
  return { now: () => wall, elapsed: () => elapsed, randomHex: (bytes) => runtime.randomHex(bytes), sleep: (ms) => runtime.sleep(ms), runWithin: (ms, run) => runtime.runWithin(ms, run) };
}

describe('K1: the clock of a process against that of the store', () => {
  test.each([SKEW_MAX, -SKEW_MAX])('%i ms are tolerated', async (ms) => {
    const stack = await withRecord();
    stack.produce([['click', 120]]);
    expect(await stack.deliver(stack.writer(skewed(stack, ms)))).toMatchObject({ kind: 'committed' });
    expect(await stack.firer(skewed(stack, ms)).step()).toMatchObject({ kind: 'fired' });
  });

  test.each([SKEW_MAX + 1, -SKEW_MAX - 1])('with %i ms nothing is sent, and the batch goes to somebody else', async (ms) => {
    const stack = await withRecord();
    stack.produce([['click', 120]]);
    const [before, coordinator] = [await stack.partition(), await stack.coordinator()];
    stack.takeCalls();
    await expect(stack.deliver(stack.writer(skewed(stack, ms)))).rejects.toMatchObject({ code: 'CLOCK_SKEW', kind: 'retry' });
    await expect(stack.firer(skewed(stack, ms)).step(SAVEPOINT)).rejects.toMatchObject({ code: 'CLOCK_SKEW' });
    expect(stack.takeCalls().filter((call) => call.startsWith('log.append'))).toEqual([]);
    expect([await stack.partition(), await stack.coordinator()]).toEqual([before, coordinator]);
    expect(await stack.deliver(stack.writer())).toMatchObject({ kind: 'committed' });
  });

  test('an answer that shows it is not believed, and nothing follows it', async () => {
    const stack = await withRecord();
    const clock = skewed(stack, 0);
    const writer = stack.writer(clock);
    stack.produce([['click', 20]]);
    stack.before = once('log.append P0.0.0', () => void (clock.skewMs = -SKEW_MAX - 1));
    expect(await stack.deliver(writer)).toEqual({ kind: 'duplicate', next: 2 }); // found by reading
    stack.produce([['click', 30]]);
    await expect(stack.deliver(writer)).rejects.toMatchObject({ code: 'CLOCK_SKEW' });
  });

  test('a partition log is not begun by it either', async () => {
    const stack = await Stack.start();
    stack.stores.source.addPartitions('events', 1);
    stack.produce([['click', 10]], 1);
    await expect(stack.deliver(stack.writer(skewed(stack, DAY)), 1)).rejects.toMatchObject({ code: 'CLOCK_SKEW' });
    expect(stack.stores.log.logs().filter((log) => log.endsWith('P0.0.1'))).toEqual([]);
  });

  test('it has no say in whether a log has expired (T3, T6)', async () => {
    const stack = await withRecord();
    await expect(stack.firer(skewed(stack, 8 * DAY)).step()).rejects.toMatchObject({ code: 'CLOCK_SKEW' });
    await expect(stack.deliver(stack.writer(skewed(stack, 8 * DAY))).catch((e: unknown) => e)).resolves.not.toMatchObject({ code: 'LOG_EXPIRED' });
  });
});

const SAVEPOINT = { trigger: 't', frozen: false, drain: false };

describe('G1, G2: clocks that stand still', () => {
  test.each([
    [MINUTE - 1, 'appended'],
    [MINUTE, 'unknown'],
  ])('the Date of the answer tells that %i ms have passed: %s (K2)', async (ms, kind) => {
    const stack = await withRecord();
    const frozen = openPartitionLog({ ...stack.ports, runtime: standingStill(stack.runtime) }, stack.job, P0);
    const head = await frozen.head();
    if (head === null) throw new Error('the record is there');
    stack.runtime.advance(ms);
    expect(await frozen.append(head, frozen.next(head, { kind: 'KEEP', ...carriedOver(head.entry) }))).toMatchObject({ kind });
  });

  test('for less than LOG_TTL without any Date: the number is taken', async () => {
    const stack = await withRecord({ storeClock: false });
    const frozen = openPartitionLog({ ...stack.ports, runtime: standingStill(stack.runtime) }, stack.job, P0);
    const head = await frozen.head();
    if (head === null) throw new Error('the record is there');
    stack.produce([['click', 20]]);
    await stack.deliver(stack.writer());
    stack.runtime.advance(7 * DAY - MINUTE);
    stack.expire();
    expect(await frozen.append(head, frozen.next(head, { kind: 'KEEP', ...carriedOver(head.entry) }))).toEqual({ kind: 'lost' });
  });

  test('for longer: what lands in a freed number is a ghost that nobody believes', async () => {
    const stack = await withRecord();
    const frozen = openPartitionLog({ ...stack.ports, runtime: standingStill(stack.runtime) }, stack.job, P0);
    const head = await frozen.head();
    if (head === null) throw new Error('the record is there');
    stack.runtime.advance(8 * DAY);
    stack.expire();
    const ghost = frozen.next(head, { kind: 'KEEP', ...carriedOver(head.entry) });
    expect(await frozen.append(head, ghost)).toMatchObject({ kind: 'unknown' });
    expect(await stack.stores.log.head(frozen.key)).toMatchObject({ id: ghost.id });
  });
});

describe('T1: the ttl of entries, from a writer whose clock is behind', () => {
  const written = async (behind: number): Promise<Stack> => {
    const stack = await Stack.start({ storeClock: false });
    stack.runtime.advance(6 * DAY); // INIT would lend the record its own lifetime
    await stack.firer().step();
    stack.runtime.advance(DAY / 2);
    stack.produce([['click', 10]]);
    await stack.deliver(stack.writer(skewed(stack, -behind)));
    return stack;
  };

  test('by a day: the log lives until it is renewed', async () => {
    const stack = await written(DAY);
    for (let hour = 0; hour < 10 * 24; hour += 12) {
      stack.runtime.advance(12 * HOUR);
      stack.expire();
      await stack.firer().step();
    }
    expect((await stack.partition()).at(-1)).toMatchObject({ kind: 'KEEP', next: 1 });
  });

  test('by more: expiry never decreases along the log, and a head near its end is refused', async () => {
    const stack = await written(6 * DAY);
    const ttls = (await stack.partition()).map((e) => e.ttl);
    expect(ttls).toEqual(ttls.toSorted((a, b) => a - b));
    stack.runtime.advance(7 * DAY);
    stack.produce([['click', 20]]);
    await expect(stack.deliver(stack.writer())).rejects.toMatchObject({ code: 'LOG_EXPIRED' });
  });
});

describe('T3: head trust of a reader whose clock is behind', () => {
  /** The newest entry is gone, older ones are there still. */
  const truncated = async (): Promise<Stack> => {
    const stack = await withRecord({ storeClock: false });
    stack.runtime.advance(7 * DAY);
    stack.stores.log.forget((log, item) => log.endsWith('P0.0.0') && item.seq === 1);
    stack.produce([['click', 20]]);
    return stack;
  };

  test('by less than LOG_MARGIN: the log is not taken for a shorter one', async () => {
    const stack = await truncated();
    await expect(stack.deliver(stack.writer(skewed(stack, -23 * HOUR)))).rejects.toMatchObject({ code: 'LOG_EXPIRED' });
  });

  test('by more: its appends are refused', async () => {
    const stack = await withRecord();
    stack.produce([['click', 20]]);
    await expect(stack.deliver(stack.writer(skewed(stack, -25 * HOUR)))).rejects.toMatchObject({ code: 'CLOCK_SKEW' });
    expect(await stack.partition()).toHaveLength(2);
  });
});

describe('T2: KEEP of a firer whose clock is behind', () => {
  const kept = async (behind: number): Promise<Stack> => {
    const stack = await withRecord({ storeClock: false });
    for (let hour = 0; hour < 6 * 24; hour += 6) {
      stack.runtime.advance(6 * HOUR);
      stack.expire();
      await stack.firer(skewed(stack, -behind)).step();
    }
    stack.produce([['click', 20]]);
    return stack;
  };

  test('by 3.6 days: the heads are renewed in time', async () => {
    const stack = await kept(3.6 * DAY - 6 * HOUR);
    expect((await stack.partition()).map((e) => e.kind)).toContain('KEEP');
    // Its checkpoints look old to everybody else, so that writers wait, but nobody finds an expired log.
    await expect(stack.deliver(stack.writer())).rejects.toMatchObject({ code: 'COVERAGE' });
  });

  test('by more: whoever reads the log fails closed', async () => {
    const stack = await kept(5 * DAY);
    stack.runtime.advance(HOUR);
    await expect(stack.deliver(stack.writer())).rejects.toMatchObject({ code: 'LOG_EXPIRED' });
  });
});

describe('T5: the coverage gate of a writer whose clock is behind', () => {
  const commitAfter = async (days: number, behind: number): Promise<Stack> => {
    const stack = await withRecord({ storeClock: false });
    for (let day = 0; day < days; day++) {
      stack.runtime.advance(DAY);
      stack.produce([['click', 20 + day]]);
      await stack.deliver(stack.writer(skewed(stack, -behind)));
    }
    return stack;
  };

  test('without an error the gate closes after a third of LOG_TTL', async () => {
    await expect(commitAfter(3, 0)).rejects.toMatchObject({ code: 'COVERAGE' });
  });

  test('by 3.6 days: the backlog grows, and the firer takes it in', async () => {
    const stack = await commitAfter(5, 3.6 * DAY);
    stack.produce([['click', 120]]);
    await stack.deliver(stack.writer(skewed(stack, -3.6 * DAY)));
    await stack.firer().step();
    expect(stack.rows()).toEqual([[0, 'click', 6]]);
  });

  test('by more: the log that nobody covers is refused in the end', async () => {
    const stack = await commitAfter(6, 4.6 * DAY);
    stack.runtime.advance(HOUR);
    await expect(stack.firer().step()).rejects.toMatchObject({ code: 'LOG_EXPIRED' });
  });
});

describe('C4: the expiry of chunks, judged by a firer whose clock is behind', () => {
  /** The state shortly before its checkpoint's `safeUntil` by the clock of that firer. */
  const loadAtEnd = async (behind: number): Promise<string[]> => {
    const stack = await withRecord({ storeClock: false, settings: { logTtlMs: 20 * DAY, chunkMinTtlMs: 8 * DAY } });
    await stack.firer().step();
    stack.runtime.advance(MINUTE);
    await stack.firer().step();
    const safeUntil = (await stack.coordinator()).at(-1)?.checkpoints[0]?.safeUntil ?? 0;
    stack.runtime.advance(safeUntil - stack.runtime.now() + behind - 1);
    stack.expire();
    const firer = stack.firer(skewed(stack, -behind));
    await firer.load();
    return stateOf(firer);
  };

  test('by less than the hour that is subtracted: the state is whole', async () => {
    expect(await loadAtEnd(HOUR - MINUTE)).toHaveLength(1);
  });

  test('by more: the load names what is missing (C6)', async () => {
    await expect(loadAtEnd(HOUR + MINUTE)).rejects.toMatchObject({ code: 'CHECKPOINT_CHUNK_MISSING' });
  });
});

describe('what a clock decides is an input: recorded once, never asked again (K3)', () => {
  test.each([-SKEW_MAX, SKEW_MAX])('idle detection shifts by %i ms, and every replica agrees', async (ms) => {
    const stack = await Stack.start({ partitions: 2, plan: labPlan({ idleTimeoutMs: 10 * MINUTE }) });
    stack.produce([['click', 10]]);
    await stack.deliver(stack.writer());
    await stack.firer().step();
    stack.runtime.advance(10 * MINUTE - ms + 1);
    stack.produce([['click', 120]]);
    await stack.deliver(stack.writer());
    await stack.firer(skewed(stack, ms)).step();
    expect(stack.rows()).toEqual([[0, 'click', 1]]);
    const replay = stack.firer();
    expect((await replay.load())?.position.idle).toEqual(['0.0.1']);
  });

  test('processing time never runs back', async () => {
    const stack = await withRecord();
    const times: number[] = [];
    for (const ms of [SKEW_MAX, -SKEW_MAX, 0]) {
      stack.produce([['click', 20]]);
      await stack.deliver(stack.writer());
      const firer = stack.firer(skewed(stack, ms));
      await firer.step({ ...SAVEPOINT, trigger: `t${ms}` });
      times.push(firer.replica?.position.procTime ?? 0);
    }
    const ahead = wallTime(stack.runtime.now() + SKEW_MAX);
    expect(times).toEqual([ahead, ahead, ahead]);
  });

  test.each([-SKEW_MAX, SKEW_MAX])('a foreign FIRE is helped earlier or later by %i ms, and takes effect once (F9)', async (ms) => {
    const stack = await withRecord();
    stack.produce([['click', 120]]);
    await stack.deliver(stack.writer());
    stack.before = once('sink.emit', () => Promise.reject(new Error('killed')));
    await stack.firer().step().catch(() => {});
    const helper = stack.firer(skewed(stack, ms));
    expect(await helper.step()).toMatchObject({ kind: ms < 0 ? 'waiting' : 'idle' });
    stack.runtime.advance(Math.max(0, -ms) + stack.job.settings.helpAfterMs);
    await helper.step();
    expect(stack.rows()).toEqual([[0, 'click', 1]]);
  });
});

describe('the time from a spilled payload to its entry', () => {
  const SPILL = { spillInlineMax: 0 };

  test('beyond a minute the payload is written again under another name', async () => {
    const stack = await Stack.start({ settings: SPILL });
    stack.produce([['click', 10]]);
    stack.after = once('blob.put', () => stack.runtime.advance(MINUTE));
    await stack.deliver(stack.writer());
    const spilled = await stack.stores.blob.list('spill/', { after: '', limit: 10 });
    expect(spilled).toHaveLength(2);
    const entry = (await stack.partition())[1];
    expect(entry).toMatchObject({ payload: { key: spilled[1]?.key } });
  });

  test('where the object is gone all the same, the loader fails closed', async () => {
    const stack = await Stack.start({ settings: SPILL });
    stack.produce([['click', 10]]);
    await stack.deliver(stack.writer());
    stack.stores.blob.forget(() => true);
    await expect(stack.firer().step()).rejects.toMatchObject({ code: 'STORE_CORRUPT' });
    expect((await openPartitionLog(stack.stores, stack.job, P0).get(seq(1)))?.kind).toBe('DATA');
  });
});

describe('the filter for timestamps in the future (row 24)', () => {
  /** A record that is an hour ahead of the clock of the store, and one behind it, committed by a writer whose clock is off by `skewMs`. */
  async function committed(skewMs: number, options: Record<string, string>): Promise<Stack> {
    const stack = await Stack.start({ plan: labPlan({ planOptions: options }) });
    stack.runtime.wall = LAB_START_MS + skewMs;
    stack.produce([['ahead', 3600], ['click', 10]]);
    await stack.deliver(stack.writer());
    return stack;
  }

  test('is off by default, as in Flink: one record makes all others late', async () => {
    const stack = await committed(0, {});
    expect((await stack.partition()).at(-1)).toMatchObject({ watermark: LAB_START_MS + 3600_000 - 5000, passedOver: { ahead: 0 } });
  });

  test.each([[0, 10, 1], [-29 * MINUTE, 10, 1], [20 * MINUTE, 10, 1], [40 * MINUTE, 3600, 0]])(
    'by a clock that is off by %i ms the watermark goes to second %i',
    async (skewMs, seconds, ahead) => {
      const stack = await committed(skewMs, { 'sluice.watermark.max-future': '30 min' });
      expect((await stack.partition()).at(-1)).toMatchObject({ watermark: LAB_START_MS + seconds * 1000 - 5000, records: 2, passedOver: { ahead } });
    },
  );

  test('by one that is behind for longer than the filter allows, records of now count as ahead, and the watermark waits', async () => {
    const stack = await committed(-31 * MINUTE, { 'sluice.watermark.max-future': '30 min' });
    expect((await stack.partition()).at(-1)).toMatchObject({ watermark: MIN_WATERMARK, records: 2, passedOver: { ahead: 2 } });
  });
});
