/** What comes from the server: refusals, events, and how long to wait for it. */
import { expect, test } from 'vitest';
import { pauseBefore } from '../../lib/console/rest/backoff.js';
import { takeEvents } from '../../lib/console/rest/event-stream.js';
import { hear, NOTHING_YET, type Feed } from '../../lib/console/rest/feed.js';
import { failureIn, refusalIn } from '../../lib/console/rest/rest-error.js';
import type { JobItem } from '../../lib/console/types.js';
import { job, NOW } from './jobs.ts';

test('pauses double up to 15 s, and differ from page to page', () => {
  expect([0, 1, 2, 3, 10, 1000].map((attempt) => pauseBefore(attempt, 1))).toEqual([500, 1000, 2000, 4000, 15_000, 15_000]);
  expect([0, 0.5, 1].map((random) => pauseBefore(2, random))).toEqual([1000, 1500, 2000]);
});

test('events are taken as they are whole; comments are none', () => {
  const first = takeEvents(': hello\n\nid: 1\nevent: job\ndata: {"a":\ndata: 1}\n\nevent: sam');
  expect(first).toEqual({ events: [{ name: 'job', data: { a: 1 } }], rest: 'event: sam' });
  expect(takeEvents(`${first.rest}ple\r\ndata: 2\r\n\r\n`)).toEqual({ events: [{ name: 'sample', data: 2 }], rest: '' });
});

test('a refusal is code, message and hint', () => {
  const error = refusalIn(409, { errors: ['org.apache.flink.runtime.rest.handler.RestHandlerException: JOB_STATE: the job is CANCELED\nhint: resume it'] });
  expect(error).toMatchObject({ status: 409, code: 'JOB_STATE', message: 'the job is CANCELED', hint: 'resume it' });
  expect(refusalIn(404, { errors: ['Not found: /x'] })).toMatchObject({ code: null, message: 'Not found: /x', hint: null });
  expect(refusalIn(502, null)).toMatchObject({ code: null, message: 'The server answered 502.' });
});

test('of what a gateway wraps as an exception, the cause is said', () => {
  const text =
    '<Exception on server side:\norg.apache.flink.table.gateway.api.utils.SqlGatewayException: Failed\n\tat x\nCaused by: org.apache.flink.table.api.ValidationException: SQL_UNKNOWN_TABLE: there is no table x\nhint: SHOW TABLES\n\tat y\nEnd of exception on server side>';
  expect(failureIn(500, text)).toMatchObject({ code: 'SQL_UNKNOWN_TABLE', message: 'there is no table x', hint: 'SHOW TABLES' });
});

const item = (id: string, startedAt: number, status: JobItem['status'] = 'RUNNING'): JobItem => ({ id, name: id, status, isEnded: false, startedAt, changedAt: 0, errors: 0, error: null, lag: null, watermark: null });
const event = (feed: Feed, name: string, data: unknown): Feed => hear(feed, { kind: 'event', event: { name, data } });

test('jobs that have changed take the place of what was known; new ones come first', () => {
  const all = event(NOTHING_YET, 'jobs', { jobs: [item('b', 2), item('a', 1)], total: 2, counts: { RUNNING: 2 }, offsets: 'records' });
  const { list } = event(all, 'jobs', { jobs: [item('a', 1, 'CANCELED'), item('c', 3)], total: 3, counts: { RUNNING: 2, CANCELED: 1 }, offsets: 'records' });
  expect(list?.jobs.map(({ id, status }) => `${id} ${status}`)).toEqual(['c RUNNING', 'b RUNNING', 'a CANCELED']);
  expect(list).toMatchObject({ total: 3, counts: { CANCELED: 1 } });
});

test('of more jobs than the server tells of, the oldest go', () => {
  let feed = NOTHING_YET;
  for (let i = 0; i < 1002; i++) feed = event(feed, 'jobs', { jobs: [item(`j${i}`, i)], total: i + 1, counts: {}, offsets: 'bytes' });
  expect([feed.list?.jobs.length, feed.list?.jobs[0]?.id, feed.list?.jobs.at(-1)?.id]).toEqual([1000, 'j1001', 'j2']);
});

test('the clock of a job goes on while nothing else about it changes', () => {
  const told = event(NOTHING_YET, 'job', job([], []));
  expect(event(told, 'sample', { at: NOW + 60_000 }).job).toEqual({ ...told.job, now: NOW + 60_000 });
  expect(event(told, 'sample', { at: NOW - 1 }).job?.now).toBe(NOW);
  expect(event(NOTHING_YET, 'sample', { at: NOW }).job).toBeNull();
});

test('samples are bounded, and what cannot be read is forgotten when it can', () => {
  let feed = event(NOTHING_YET, 'gone', { code: 'STORE_FAILED', message: 'x', hint: null });
  expect(feed.gone?.code).toBe('STORE_FAILED');
  for (let at = 0; at < 2000; at++) feed = event(feed, 'sample', { at });
  expect([feed.samples.length, feed.samples.at(-1)?.at]).toEqual([900, 1999]);
  expect(event(feed, 'job', {}).gone).toBeNull();
});

test('while the server is gone, what is seen is as old as it was', () => {
  const live = hear(NOTHING_YET, { kind: 'connection', connection: 'live', error: null, at: 1000 });
  const lost = hear(live, { kind: 'connection', connection: 'lost', error: refusalIn(502, null), at: 9000 });
  expect([lost.connection, lost.asOf, lost.error?.status]).toEqual(['lost', 1000, 502]);
});
