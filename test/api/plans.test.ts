/** What programs become: nodes, uids, options and functions. */
import { expect, test } from 'vitest';
import { connectedJob, pipelineJob } from './examples.ts';
import { build, nodeOf, numbers, payments, refusal, type Payment } from './jobs.ts';
import { count, cumulating, defineJob, files, kafka, session, sideOutput, sliding, table, tumbling, valueState } from '../../lib/api/index.ts';
import { compileDataflow } from '../../lib/core/dataflow.ts';
import { inputsOf } from '../../lib/core/plan.ts';

const BLACKHOLE = { connector: 'blackhole' };
const sums = table({ columns: { sum: 'BIGINT' }, with: BLACKHOLE });

test('the same program gives the same plan, and one that JSON holds', () => {
  const [first, second] = [pipelineJob.build(), pipelineJob.build()];
  expect(second.plan).toEqual(first.plan);
  expect(JSON.parse(JSON.stringify(first.plan))).toEqual(first.plan);
  expect([...second.code.transforms.keys()]).toEqual([...first.code.transforms.keys()]);
});

test.each([pipelineJob, connectedJob])('every node comes behind its inputs, and has what it calls: $name', (definition) => {
  const { plan, code } = definition.build();
  const uids = plan.nodes.map(({ uid }) => uid);
  expect(new Set(uids).size).toBe(uids.length);
  plan.nodes.forEach((node, i) => {
    for (const input of inputsOf(node)) expect(uids.slice(0, i)).toContain(input);
  });
  expect(() => compileDataflow(plan, code)).not.toThrow();
  expect([...code.transforms.keys()]).toEqual(expect.arrayContaining(plan.nodes.filter(({ kind }) => kind === 'code').map(({ uid }) => uid)));
});

test('sources, functions, windows and sinks have the uids that the program gives, and what is between is named after them', () => {
  expect(pipelineJob.build().plan.nodes.map(({ kind, uid }) => `${kind} ${uid}`)).toEqual([
    'source payments',
    'code payments-key',
    'process fraud',
    'calc fraud-output',
    'calc fraud-large',
    'code payments-key-2',
    'window-aggregate totals',
    'code totals-results',
    'code fraud-output-rows',
    'code fraud-large-rows',
    'code totals-results-rows',
    'sink alerts',
    'sink large',
    'sink sums',
  ]);
});

test('a source has the options of the SQL connector, the format of the program, and a watermark behind its event time', () => {
  const source = nodeOf(pipelineJob.build(), 'payments', 'source');
  expect(source).toMatchObject({
    connector: 'kafka',
    topics: ['payments'],
    startup: { kind: 'earliest-offset' },
    properties: { 'bootstrap.servers': 'broker:9092' },
    format: { kind: 'code' },
    eventTime: { column: 1, watermark: { op: 'call', fn: '-', args: [{ op: 'column', index: 1 }, { value: 5000 }] } },
  });
});

test('a source of Kafka begins, ends and idles where it says', () => {
  const job = build((b) => {
    const source = kafka<Payment>({
      topic: ['a', 'b'],
      servers: 's:1',
      group: 'g',
      startup: { timestamp: '1970-01-01T00:00:01Z' },
      bounded: 'latest-offset',
      properties: { 'security.protocol': 'SASL_SSL' },
      eventTime: ({ at }) => at,
      idleTimeout: '30 s',
      with: { 'scan.topic-partition-discovery.interval': '1 min' },
    });
    b.from('both', source).print('out');
  });
  expect(nodeOf(job, 'both', 'source')).toMatchObject({
    topics: ['a', 'b'],
    startup: { kind: 'timestamp', epochMs: 1000 },
    bounded: { kind: 'latest-offset' },
    properties: { 'bootstrap.servers': 's:1', 'group.id': 'g', 'security.protocol': 'SASL_SSL' },
    eventTime: { column: 1, watermark: { op: 'column', index: 1 } },
    idleTimeoutMs: 30_000,
  });
});

test('files and generators are the SQL connectors of that kind', () => {
  const job = build((b) => {
    b.from('lines', files<Payment>({ path: '/payments', monitorInterval: '10 s' })).print('a');
    b.from('numbers', numbers()).print('b');
  });
  expect(nodeOf(job, 'lines', 'source')).toMatchObject({ connector: 'filesystem', topics: ['files:source-lines'], files: { path: '/payments', monitorIntervalMs: 10_000 } });
  expect(nodeOf(job, 'numbers', 'source')).toMatchObject({ connector: 'datagen', generated: { count: 10 }, bounded: { kind: 'latest-offset' }, eventTime: null });
});

test('a function says what it keeps, and the uid that it had', () => {
  const job = build((b) => {
    b.from('payments', payments()).keyBy(({ account }) => account)
      .process('counted', { previous: 'count', state: { n: valueState<number>({ name: 'seen', version: 2, migrations: { 1: Number }, ttl: { ttl: '1 h' } }) }, onEvent: () => [{ sum: 1 }] })
      .to('sums', sums);
  });
  expect(nodeOf(job, 'counted', 'process')).toMatchObject({
    previous: 'count',
    states: [{ name: 'seen', kind: 'value', version: 2, ttl: { ttlMs: 3_600_000, update: 'on-create-and-write', visibility: 'never-return-expired' } }],
  });
});

test.each([
  ['tumbling', tumbling('1 min'), { kind: 'tumble', sizeMs: 60_000, offsetMs: 0 }],
  ['sliding', sliding('1 h', '5 min'), { kind: 'hop', sizeMs: 3_600_000, slideMs: 300_000, offsetMs: 0 }],
  ['cumulating', cumulating('1 min', '1 h'), { kind: 'cumulate', stepMs: 60_000, sizeMs: 3_600_000, offsetMs: 0 }],
  ['session', session('30 min'), { kind: 'session', gapMs: 1_800_000 }],
])('%s windows are those of SQL', (_, assigner, window) => {
  const job = build((b) => b.from('payments', payments()).keyBy(({ account }) => account).window(assigner).aggregate('n', count(), (_key, sum) => ({ sum })).to('sums', sums));
  expect(nodeOf(job, 'n', 'window-aggregate')).toMatchObject({ window, timeColumn: 2, keys: [0], aggregates: [{ fn: 'CODE' }] });
});

test('windows of processing time have no row time, and take streams without one', () => {
  const job = build((b) => b.from('numbers', numbers()).keyBy(() => 0).window(tumbling('1 min'), { time: 'processing' }).aggregate('n', count(), (_key, sum) => ({ sum })).to('sums', sums));
  expect(nodeOf(job, 'n', 'window-aggregate').timeColumn).toBeNull();
});

test('options are those of SET, and pipeline.name is the name of the job', () => {
  const { plan } = defineJob('named', { options: { 'execution.checkpointing.interval': '10s', 'pipeline.name': 'other' } }, (b) => b.from('numbers', numbers()).print('out')).build();
  expect(plan).toMatchObject({ name: 'other', options: { 'execution.checkpointing.interval': '10s' }, sql: '' });
});

test('a function without a uid is named after its input, with a warning', () => {
  const { plan, warnings } = build((b) => b.from('payments', payments()).keyBy(({ account }) => account).process({ onEvent: () => [{ sum: 1 }] }).to('sums', sums));
  expect(plan.nodes.map(({ uid }) => uid)).toContain('payments-key-process');
  expect(warnings).toEqual(["process function payments-key-process: it has no uid of its own, and loses its state when what is above it is renamed; write .process('payments-key-process', …)"]);
});

test('what reaches no sink is no part of the job, with a warning', () => {
  const { plan, code, warnings } = build((b) => {
    b.from('numbers', numbers()).print('out');
    b.from('payments', payments()).map(({ amount }) => amount);
  });
  expect(plan.nodes.map(({ uid }) => uid)).not.toContain('payments');
  expect([...code.decoders.keys()]).toEqual(['numbers']);
  expect(warnings).toEqual(['source payments: nothing that is made of it reaches a sink, so it is no part of the job']);
});

test.each<[string, () => unknown, string, string]>([
  ['a job that writes nothing', () => build((b) => b.from('payments', payments())), 'job test: it writes nothing', '.to('],
  ['an asynchronous definition', () => defineJob('test', async (b) => b.from('payments', await Promise.resolve(payments())).print('out')).build(), 'job test: its definition is asynchronous', 'top of the file'],
  ['an asynchronous definition that fails', () => defineJob('test', async () => Promise.reject(new Error('unheard'))).build(), 'job test: its definition is asynchronous', 'top of the file'],
  ['a uid of other characters', () => build((b) => b.from('all payments', payments()).print('out')), "source all payments: 'all payments' is no uid", 'A-Z'],
  ['an empty uid', () => build((b) => b.from('', payments()).print('out')), "source : '' is no uid", 'A-Z'],
  ['a sink with such a uid', () => build((b) => b.from('payments', payments()).print('o u t')), "sink o u t: 'o u t' is no uid", 'A-Z'],
  ['two sources with one uid', () => build((b) => b.from('a', payments()).union(b.from('a', numbers())).print('out')), "source a: another operator has the uid 'a'", 'of its own'],
  ['two sinks with one uid', () => build((b) => [b.from('a', payments()).print('out'), b.from('b', numbers()).print('out')]), "sink out: another sink has the uid 'out'", 'union'],
  ['a source and a sink with one uid', () => build((b) => b.from('a', payments()).print('a')), "source a: another operator has the uid 'a'", 'of its own'],
  ['a size that is no duration', () => tumbling('soon'), "tumbling: size 'soon' is no duration of at least 1 ms", '1 h'],
  ['a size of nothing', () => sliding('1 h', 0), "sliding: slide '0' is no duration of at least 1 ms", '1 h'],
  ['steps that do not fill their window', () => cumulating('7 min', '1 h'), "cumulating: the size '1 h' is no multiple of the step '7 min'", 'step first'],
  ['windows of event time where there is none', () => build((b) => b.from('n', numbers()).keyBy(() => 0).window(tumbling(1)).aggregate('w', count()).print('out')), 'window w: its stream has no event time', 'eventTime'],
  ['lateness of sessions', () => build((b) => b.from('p', payments()).keyBy(() => 0).window(session(1), { allowedLateness: 1 }).aggregate('w', count()).print('out')), 'window w: sessions that have ended are gone', 'outOfOrderness'],
  ['late output of sessions', () => build((b) => b.from('p', payments()).keyBy(() => 0).window(session(1), { lateOutput: sideOutput('late') }).aggregate('w', count()).print('out')), 'window w: whether a value is late for a session', 'counted'],
  ['lateness of processing time', () => build((b) => b.from('p', payments()).keyBy(() => 0).window(tumbling(1), { time: 'processing', allowedLateness: 1 }).aggregate('w', count()).print('out')), 'window w: nothing is late in processing time', 'Leave'],
  ['a side output that a window has not', () => build((b) => b.from('p', payments()).keyBy(() => 0).window(tumbling(1)).aggregate('w', count()).sideOutput(sideOutput('late')).print('out')), "window w: it has no side output 'late'", 'lateOutput'],
  ['a watermark that is no duration', () => build((b) => b.from('p', kafka<Payment>({ topic: 't', servers: 's:1', eventTime: ({ at }) => at, outOfOrderness: 'x' })).print('out')), "source p: outOfOrderness 'x' is no duration", '10 s'],
  ['a query that is none', () => build((b) => b.query('DROP TABLE t')), 'job.query: the statement is no query', 'job.sql'],
  ['statements that are no part of a job', () => build((b) => b.sql("SET 'a' = 'b'")), 'job.sql: a statement of this kind (set) is no part of a job', 'options'],
  ['a row time where there is none', () => build((b) => b.from('n', numbers()).map((n) => ({ n })).asTable('t', { columns: { n: 'BIGINT', ts: 'TIMESTAMP(3)' }, rowtime: 'ts' })), 'table t: its stream has no event time', 'rowtime'],
])('%s: refused', (_, act, message, hint) => {
  const refused = refusal(act);
  expect(refused.code).toBe('JOB_DEFINITION');
  expect(refused.message).toContain(message);
  expect(refused.hint).toContain(hint);
});

test('what SQL refuses of a table is said of the sink', () => {
  const into = (columns: Record<string, string>, options: Record<string, string>) => () => build((b) => b.from('n', numbers()).map((n) => ({ n })).to('out', table({ columns, with: options })));
  expect(refusal(into({ n: 'NUMBER' }, BLACKHOLE)).message).toContain("sink out: at line 1, column 25: Unknown identifier 'NUMBER'");
  expect(refusal(into({ n: 'BIGINT' }, { connector: 'kafak' }))).toMatchObject({ code: expect.stringMatching(/SQL_|OPTION_/), message: expect.stringContaining('kafak') });
  expect(refusal(into({ n: 'BIGINT' }, { ...BLACKHOLE, colour: 'black' }))).toMatchObject({ code: 'OPTION_INVALID', message: expect.stringContaining("unsupported option 'colour'") });
});
