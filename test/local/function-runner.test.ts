/** What the runner of functions asks event sources for, and what it makes of the lines that functions write. */
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { SluiceError } from '../../lib/core/errors.ts';
import { sourcesOf } from '../../lib/core/plan.ts';
import { openJob } from '../../lib/engine/job.ts';
import { openTelemetry } from '../../lib/lambda/telemetry.ts';
import { LineReader } from '../../lib/local/function-runner/lines.ts';
import { Mappings, requestsFor } from '../../lib/local/function-runner/mappings.ts';
import type { RunnerEvent } from '../../lib/local/runner-event.ts';
import type { Mapping } from '../../lib/local/event-source/mapping.ts';
import type { EventSources } from '../../lib/local/event-source/event-sources.ts';
import { labPlan } from '../engine/lab-plan.ts';
import { ALIAS } from '../functions/kit.ts';

const URLS = { store: 'dynamodb://sluice', blobs: 's3://bucket/p', kafka: 'one:9092,two:9092' };
const BATCHES = { batchSize: 500, batchingWindowSeconds: 1 };
const job = openJob(ALIAS.job, ALIAS.g, labPlan(), {}, {});

describe('mappings', () => {
  test('are one per topic, in a group of its own, on the alias of the generation', () => {
    expect(requestsFor(job, URLS, BATCHES)).toEqual([
      {
        FunctionName: `arn:aws:lambda:us-east-1:000000000000:function:sluice-writer:${ALIAS.job}-g0`,
        SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: ['one:9092', 'two:9092'] } },
        Topics: ['events'],
        StartingPosition: 'TRIM_HORIZON',
        SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: `sluice-${ALIAS.job}-g0-0.events` },
        BatchSize: 500,
        MaximumBatchingWindowInSeconds: 1,
      },
    ]);
  });

  test('take the brokers of the tables where none are named, and say which topic has none', () => {
    const urls = { ...URLS, kafka: 'tables' };
    expect(() => requestsFor(job, urls, BATCHES)).toThrow("no brokers are named for the topic 'events'");
    const plan = labPlan();
    const nodes = plan.nodes.map((node) => (node === sourcesOf(plan)[0] ? { ...node, options: { 'properties.bootstrap.servers': 'own:1' } } : node));
    const [request] = requestsFor(openJob(ALIAS.job, ALIAS.g, { ...plan, nodes }, {}, {}), urls, BATCHES);
    expect(request?.SelfManagedEventSource?.Endpoints.KAFKA_BOOTSTRAP_SERVERS).toEqual(['own:1']);
  });

  test('are not made twice, and their end goes on where it was refused', async () => {
    const calls: string[] = [];
    let refusals = 1;
    const sources: Pick<EventSources, 'create' | 'delete'> = {
      create: async ({ Topics, StartingPosition, FunctionName }) => {
        calls.push('create');
        return { UUID: 'u', EventSourceMappingArn: '', FunctionArn: FunctionName, State: 'Creating', StateTransitionReason: '', LastProcessingResult: '', LastModified: 0, BatchSize: 1, Topics, StartingPosition };
      },
      delete: async (uuid) => {
        calls.push(`delete ${uuid}`);
        throw refusals-- > 0 ? new SluiceError('CONTENTION', { message: 'ResourceInUseException' }) : new SluiceError('INVARIANT', { message: 'ended' });
      },
    };
    const unused = (): never => {
      throw new Error('not asked for');
    };
    const mappings = new Mappings({ ...sources, get: unused, update: unused, list: unused, close: unused }, URLS, BATCHES);
    await mappings.start(job);
    await mappings.start(job);
    await expect(mappings.end(job.id)).rejects.toThrow('ResourceInUseException');
    await expect(mappings.end(job.id)).rejects.toThrow('ended');
    expect(calls).toEqual(['create', 'delete u', 'delete u']);
  });
});

test('what holds polling up is told: brokers, and functions that end without a line of their own', async () => {
  const results = ['No records processed', 'OK', 'PROBLEM: Connection error: no broker', 'PROBLEM: Function call failed: Sandbox.Timedout: 60 s', 'PROBLEM: Function call failed: StoreError: told already'];
  const unused = (): never => {
    throw new Error('not asked for');
  };
  const mapping = (UUID: string): Mapping => ({ UUID, EventSourceMappingArn: '', FunctionArn: '', State: 'Enabled', StateTransitionReason: '', LastProcessingResult: results[0] ?? '', LastModified: 0, BatchSize: 1, Topics: ['events'], StartingPosition: 'LATEST' });
  const mappings = new Mappings({ create: async () => mapping('u'), get: async (uuid) => mapping(uuid), update: unused, list: unused, delete: unused, close: unused }, URLS, BATCHES);
  await mappings.start(job);
  const seen: string[][] = [];
  for (; results.length > 0; results.shift()) seen.push((await mappings.problemsOf(job.id)).map(({ code, message }) => `${code} ${message}`));
  expect(seen).toEqual([[], [], ['STORE_FAILED topic events cannot be read: no broker'], ['FUNCTION_FAILED topic events: sluice-writer: Sandbox.Timedout: 60 s'], []]);
});

describe('lines', () => {
  interface Heard {
    readonly reader: LineReader;
    readonly events: RunnerEvent[];
    readonly printed: string[];
  }

  function heard(): Heard {
    const [events, printed]: [RunnerEvent[], string[]] = [[], []];
    return { events, printed, reader: new LineReader({ onEvent: (event) => events.push(event), print: (line) => printed.push(line) }) };
  }

  const line = (message: string, more: object): string => JSON.stringify({ level: 'INFO', message, service: 'sluice-writer', job: ALIAS.job, generation: 0, ...more });
  const failed = line('partition waits', { topic: 'events', partition: 1, problem: { code: 'RECORD_MALFORMED', message: 'no json', hint: 'correct it' } });

  test('of a partition that waits are told once, and that it goes on', () => {
    const { reader, events } = heard();
    reader.hear(failed);
    reader.hear(failed);
    expect(events).toMatchObject([{ kind: 'partition', job: ALIAS.job, topic: 'events', partition: 1, error: { code: 'RECORD_MALFORMED', message: 'no json', hint: 'correct it' } }]);
    expect(reader.isHeldUp(ALIAS.job, 'events', 1)).toBe(true);
    expect(reader.troubles).toHaveLength(1);
    reader.hear(line('committed', { topic: 'events', partition: 1, source: 0, records: 5, duplicate: false, lagMs: 7 }));
    expect(events.slice(1)).toMatchObject([{ kind: 'partition', error: null }, { kind: 'committed', source: 0, records: 5, lagMs: 7 }]);
    expect(reader.troubles).toEqual([]);
  });

  test('of a generation that ends are no trouble', () => {
    const { reader, events } = heard();
    reader.hear(line('partition waits', { topic: 'events', partition: 1, problem: { code: 'FROZEN', message: 'frozen', hint: null } }));
    expect(events).toEqual([]);
  });

  test('of problems become events of the job that they name, once until it fires', () => {
    const { reader, events } = heard();
    const problem = (code: string): string => JSON.stringify({ level: 'WARN', message: 'problem', service: 'sluice-workflow', job: ALIAS.job, what: 'a job could not be looked after', problem: { code, message: 'm', hint: 'h' } });
    reader.hear(problem('STORE_FAILED'));
    reader.hear(problem('STORE_FAILED'));
    reader.hear(problem('CLOSED'));
    expect(events).toMatchObject([{ kind: 'firer', job: ALIAS.job, error: { code: 'STORE_FAILED', message: 'm', hint: 'h' } }]);
    reader.hear(line('fired', { f: 7, rows: 3 }));
    reader.hear(problem('STORE_FAILED'));
    expect(events).toHaveLength(3);
  });

  test('of FIREs become events; metrics are passed over; anything else is printed', () => {
    const { reader, events, printed } = heard();
    reader.hear(line('fired', { f: 7, rows: 3, sinks: { out: 3 } }));
    reader.hear('{"_aws":{"Timestamp":1},"service":"sluice-firer","job":"x"}');
    reader.hear('{"not":"telemetry"}');
    reader.hear('+I[click, 3]');
    expect(events).toEqual([{ kind: 'fired', job: ALIAS.job, f: 7, rows: 3, sinks: { out: 3 } }]);
    expect(printed).toEqual(['{"not":"telemetry"}', '+I[click, 3]']);
  });

  test('are what telemetry writes: everything is named, and no record is shown', () => {
    const written: string[] = [];
    vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'DEBUG'); // as the host sets it
    onTestFinished(() => void vi.unstubAllEnvs());
    const told = openTelemetry('sluice-writer', 'stack-writer-X')(ALIAS, 'request');
    const keep = (text: string | Uint8Array): boolean => written.push(...String(text).trimEnd().split('\n')) > 0;
    const spies = [vi.spyOn(process.stdout, 'write').mockImplementation(keep), vi.spyOn(process.stderr, 'write').mockImplementation(keep)];
    try {
      told.committed({ source: 0, topic: 'events', partition: 1, first: 5, next: 9, records: 4, lagMs: 12, lateRows: 2, commitBytes: 345, duplicate: false });
      told.failed({ source: 0, topic: 'events', partition: 2, error: new SluiceError('RECORD_MALFORMED', { message: 'bad', details: { excerpt: 'SECRET' } }) });
      told.flush();
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
    const metrics = JSON.parse(written.find((text) => text.includes('_aws')) ?? '{}');
    expect(metrics).toMatchObject({ service: 'sluice-writer', job: ALIAS.job, generation: '0', numRecordsIn: 4, numLateRecordsDropped: 2, CommitBytes: 345, currentEmitEventTimeLag: 12, offsets: '{"0.events-1":[5,9]}' });
    expect(metrics).toMatchObject({ function: 'stack-writer-X' });
    expect(metrics._aws.CloudWatchMetrics[0]).toMatchObject({ Namespace: 'Sluice', Dimensions: [['service', 'job'], ['service', 'function']] });
    const lines = written.filter((text) => !text.includes('_aws')).map((text): unknown => JSON.parse(text));
    expect(lines).toMatchObject([
      { message: 'committed', job: ALIAS.job, generation: 0, topic: 'events', partition: 1, first: 5, next: 9, records: 4, lagMs: 12, lateRows: 2, commitBytes: 345 },
      { message: 'partition waits', job: ALIAS.job, generation: 0, topic: 'events', partition: 2, problem: { code: 'RECORD_MALFORMED', message: 'bad' } },
    ]);
    expect(written.join('\n')).not.toContain('SECRET');
  });
});
