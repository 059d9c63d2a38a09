/** Why is my window still open? Each cause has its sentence. */
import { expect, test } from 'vitest';
import { whyOpen } from '../../lib/console/words/why-open.js';
import type { Job } from '../../lib/console/types.js';
import { at, job, NOW, operator, partition, source, window } from './jobs.ts';

const OPEN = operator([window(at(2))]);

const answerOf = (one: Job) => {
  const [first] = whyOpen(one);
  if (first === undefined) throw new Error('no window is open');
  return first.answer;
};

/** Behind which the window has not ended. */
const HELD = { isHolder: true, watermark: at(1, 55) } as const;

test('a partition that is silent holds the watermark: which one, since when, and how much is missing', () => {
  const silent = partition(3, { ...HELD, dataAt: at(5) });
  const { sentence, advice, holder } = answerOf(job([source([partition(0), partition(1), silent])], [OPEN]));
  expect(sentence).toBe('Window 10:02–10:03 is open because partition 3 of topic clicks has sent nothing since 10:05:00 (5 min ago); its watermark is 10:01:55, 1 min 5 s before the window ends.');
  expect(advice).toBe("All other partitions have passed its end. To let windows close without a partition that is silent, set 'table.exec.source.idle-timeout'.");
  expect(holder).toBe(silent);
});

test('where a partition may be idle, nothing has to be set', () => {
  const options = { 'table.exec.source.idle-timeout': '1 min' };
  const { advice } = answerOf(job([source([partition(0), partition(3, { ...HELD, dataAt: at(5) })])], [OPEN], { options }));
  expect(advice).toBe('All other partitions have passed its end. It closes when this one sends, or when it has been silent for the idle timeout.');
});

test('others that have not come to the end of the window make no difference to blame', () => {
  const { advice } = answerOf(job([source([partition(0, { watermark: at(2, 10) }), partition(3, { ...HELD, dataAt: at(5) })])], [OPEN]));
  expect(advice).toBeNull();
});

test('the only partition waits for a record', () => {
  const { sentence, advice } = answerOf(job([source([partition(0, { ...HELD, dataAt: NOW - 2000 })])], [OPEN]));
  expect(sentence).toBe('Window 10:02–10:03 is open because partition 0 of topic clicks has not come to its end yet; its watermark is 10:01:55, 1 min 5 s before the window ends.');
  expect(advice).toBe('It closes when a record comes whose time puts the watermark at the end of the window, or past it.');
});

test('a partition that lags is not silent', () => {
  const sources = [source([partition(0), partition(1, { ...HELD, lag: 1234, dataAt: at(5) })])];
  expect(answerOf(job(sources, [OPEN])).sentence).toContain('partition 1 of topic clicks is behind: 1,234 records of it wait to be read; its watermark is 10:01:55');
  expect(answerOf(job(sources, [OPEN], { offsets: 'bytes' })).sentence).toContain('is behind: 1.2 kB of it wait to be read');
  expect(answerOf(job(sources, [OPEN])).advice).toBeNull();
});

test('a partition without a record has no watermark', () => {
  const { sentence } = answerOf(job([source([partition(0), partition(1, { isHolder: true, watermark: null, dataAt: at(0) })])], [OPEN]));
  expect(sentence).toBe(
    'Window 10:02–10:03 is open because partition 1 of topic clicks has sent nothing yet since 10:00:00 (10 min ago): without a record it has no watermark, and without its watermark there is none.',
  );
});

test('of several sources the slowest counts, and one that has no watermark yet is slower than all', () => {
  const fast = source([partition(0, { isHolder: true })], { uid: 'a', table: 'orders' });
  const slow = source([partition(2, { ...HELD, dataAt: at(5) })], { uid: 'b' });
  const none = source([partition(5, { isHolder: true, watermark: null })], { uid: 'c', table: 'views' });
  expect(answerOf(job([fast, slow], [OPEN])).sentence).toContain('partition 2 of topic clicks (table clicks) has sent nothing');
  expect(answerOf(job([fast, slow, none], [OPEN])).sentence).toContain('partition 5 of topic clicks (table views) has sent nothing yet');
});

test('an idle source holds nobody; where all are idle, that is why', () => {
  const idle = source([partition(0, { idle: true, watermark: at(1) })], { uid: 'a', watermark: at(1) });
  const slow = source([partition(2, HELD)], { uid: 'b', table: 'orders' });
  expect(answerOf(job([idle, slow], [OPEN])).sentence).toContain('partition 2 of topic clicks (table orders)');
  expect(answerOf(job([idle], [OPEN])).sentence).toBe('Window 10:02–10:03 is open because the one partition of clicks is idle; the watermark stays at 10:01:00.');
});

test('where several sources are idle, the one that has come farthest counts, and all of them wait', () => {
  const idle = (uid: string, watermark: number) => source([partition(0, { idle: true, watermark })], { uid, table: uid, watermark });
  expect(answerOf(job([idle('a', at(1)), idle('b', at(2))], [OPEN])).sentence).toBe(
    'Window 10:02–10:03 is open because all 2 partitions of b and a are idle; the watermark stays at 10:02:00.',
  );
  expect(answerOf(job([source([])], [OPEN])).sentence).toBe('Window 10:02–10:03 is open because no partition of clicks is known yet.');
});

test('of partitions that the server does not show nothing is said', () => {
  const many = source([partition(0), partition(3, { ...HELD, dataAt: at(5) })], { partitionCount: 1000 });
  expect(answerOf(job([many], [OPEN])).advice).toBeNull();
});

test('a window in a time zone fires by the watermark, wherever its clock stands', () => {
  const inBerlin = window(at(62), { firesAt: at(3) - 1 });
  expect(answerOf(job([source([partition(0, HELD)])], [operator([inBerlin])])).sentence).toMatch(/^Window 11:02–11:03 is open .* 1 min 5 s before the window ends\.$/);
  expect(answerOf(job([source([partition(0, { isHolder: true, watermark: at(3) })])], [operator([inBerlin])])).sentence).toContain('is complete');
});

test('sessions, of which each has a span of its own, are told of by the one that closes first', () => {
  const open = (entries: number) => [operator([window(at(0), { kind: 'sessions', entries, end: at(30), firesAt: at(3) - 1 })])];
  const held = [source([partition(0, { ...HELD, dataAt: at(5) })])];
  expect(answerOf(job(held, open(1))).sentence).toMatch(/^Session 10:00–10:30 is open because .* before the session ends\.$/);
  expect(answerOf(job(held, open(4))).sentence).toMatch(/^4 sessions from 10:00–10:30 are open because .* 1 min 5 s before the first of them ends\.$/);
  const passed = [source([partition(0, { isHolder: true, watermark: at(3) })])];
  expect(answerOf(job(passed, open(4))).sentence).toBe('Of 4 sessions the first is complete: the watermark, 10:03:00, has passed its end. Its result comes next.');
});

test('a window of processing time waits for the clock, and for no partition', () => {
  const byClock = (start: number) => [operator([window(start, { time: 'processing' })])];
  const held = [source([partition(0, { isHolder: true, watermark: null })])];
  expect(answerOf(job(held, byClock(NOW - 40_000)))).toMatchObject({ sentence: 'Window 10:09:20–10:10:20 is open. It closes by the clock, in 20 s.', advice: null, holder: null });
  expect(answerOf(job(held, byClock(NOW - 60_000))).sentence).toBe('Window 10:09–10:10 is complete: its end, 10:10:00, is over. Its result comes next.');
});

test('a window that is complete may wait for its sink', () => {
  const passed = source([partition(0, { isHolder: true, watermark: at(3) })]);
  const sinkErrors = [{ sink: 'out', table: 'counts', f: 3, since: at(8), code: 'SINK_FAILED', message: 'the disk is full', hint: 'make room', at: at(9) }];
  const { sentence, advice } = answerOf(job([passed], [OPEN], { sinkErrors }));
  expect(sentence).toBe('Window 10:02–10:03 is complete: the watermark, 10:03:00, has passed its end. Its result waits for the sink counts, which takes no rows since 10:08:00: the disk is full');
  expect(advice).toBe('make room');
});

test('only the sources above an operator are its business', () => {
  const plan = {
    name: 'two',
    nodes: [
      { uid: 'a', kind: 'source', name: 'a', lines: [], inputs: [] },
      { uid: 'b', kind: 'source', name: 'b', lines: [], inputs: [] },
      { uid: 'calc', kind: 'calc', name: 'calc', lines: [], inputs: ['b'] },
      { uid: 'per-minute', kind: 'window-aggregate', name: 'per-minute', lines: [], inputs: ['calc'] },
    ],
  };
  const other = source([partition(0, { isHolder: true, watermark: null })], { uid: 'a', table: 'other' });
  const own = source([partition(1, HELD)], { uid: 'b', table: 'own' });
  expect(answerOf(job([other, own], [OPEN], { plan })).holder?.id).toBe('0-1');
});

test('a bad record holds its partition up', () => {
  const recordErrors = [{ partitionId: '0-1', topic: 'clicks', partition: 1, offset: 17, code: 'RECORD_INVALID', message: 'it is no JSON', hint: 'skip it', excerpt: null, at: NOW }];
  const { sentence, advice } = answerOf(job([source([partition(0), partition(1, HELD)])], [OPEN], { status: 'RESTARTING', recordErrors }));
  expect(sentence).toBe('Window 10:02–10:03 is open because partition 1 of topic clicks waits behind the record at offset 17, which cannot be taken in: it is no JSON');
  expect(advice).toBe('skip it');
});

test('a result that cannot be computed', () => {
  const fireError = { f: 3, code: 'EXPRESSION_FAILED', message: 'division by zero', hint: null, since: at(9) };
  expect(answerOf(job([source([partition(0, HELD)])], [OPEN], { fireError })).sentence).toBe('Window 10:02–10:03 is open because its result cannot be computed since 10:09:00: division by zero');
});

test('a window whose end the watermark has passed is complete', () => {
  const passed = source([partition(0, { isHolder: true, watermark: at(3) - 1 })]);
  expect(answerOf(job([passed], [OPEN])).sentence).toBe('Window 10:02–10:03 is complete: the watermark, 10:02:59.999, has passed its end. Its result comes next.');
});

test('a job that has ended', () => {
  const { sentence, advice } = answerOf(job([source([partition(0, HELD)])], [OPEN], { status: 'CANCELED', isEnded: true }));
  expect(sentence).toBe('Window 10:02–10:03 is open because the job is CANCELED. What is in it is kept.');
  expect(advice).toBe('It goes on when the job is resumed.');
});

test('without open windows there is nothing to explain', () => {
  expect(whyOpen(job([source([partition(0, HELD)])], [operator([])]))).toEqual([]);
  expect(whyOpen(job([], [], { state: null }))).toEqual([]);
});
