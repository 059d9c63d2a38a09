/** Handlers in the memory world: events as Lambda makes them, a context, and telemetry that is kept. */
import { generation, jobId } from '../../lib/core/numbers.ts';
import type { LambdaContext } from '../../lib/lambda/context.ts';
import { localArn, type Alias, type FunctionName } from '../../lib/lambda/alias.ts';
import type { InvokeEvent } from '../../lib/lambda/invoke.ts';
import type { CommittedLine, FailedLine, FireLine, OpenTelemetry, StandingLine } from '../../lib/lambda/telemetry.ts';
import type { WriterEvent } from '../../lib/lambda/writer-handler.ts';
import { labRecord } from '../engine/lab-plan.ts';

type Typed = readonly [type: string, seconds: number];

export interface Delivered {
  readonly topic?: string;
  readonly partition: number;
  readonly offset: number;
  readonly records: readonly Typed[] | readonly string[];
}

/** The shape of MSK; of self-managed brokers with `selfManaged`. */
export function kafkaEvent(parts: readonly Delivered[], { selfManaged = false } = {}): WriterEvent {
  const records = Object.fromEntries(
    parts.map(({ topic = 'events', partition, offset, records: values }) => [
      `${topic}-${partition}`,
      values.map((value, i) => ({
        topic,
        partition,
        offset: offset + i,
        timestamp: 1_799_999_999_000 + i,
        timestampType: 'CREATE_TIME',
        value: Buffer.from(typeof value === 'string' ? value : labRecord(value[0], value[1])).toString('base64'),
        headers: [],
      })),
    ]),
  );
  const source = selfManaged ? { eventSource: 'SelfManagedKafka' } : { eventSource: 'aws:kafka', eventSourceArn: 'arn:aws:kafka:us-east-1:000000000000:cluster/c/1' };
  const event = { ...source, bootstrapServers: 'b-1:9092,b-2:9092', records };
  return event;
}

export function contextFor(name: FunctionName, alias: Alias | null, remainingMs: () => number = () => 60_000): LambdaContext {
  return { awsRequestId: 'request', functionName: name, invokedFunctionArn: localArn(name, alias), getRemainingTimeInMillis: remainingMs };
}

export const ALIAS: Alias = { job: jobId('a'.repeat(32)), g: generation(0) };

export class Told {
  readonly committed: (CommittedLine & { job: string })[] = [];
  readonly failed: FailedLine[] = [];
  readonly fired: FireLine[] = [];
  readonly standings: StandingLine[] = [];
  readonly jobFailures: string[] = [];
  readonly problems: string[] = [];
  flushes = 0;

  readonly open: OpenTelemetry = (alias) => ({
    committed: (line) => void this.committed.push({ ...line, job: alias?.job ?? '' }),
    failed: (line) => void this.failed.push(line),
    fired: (line) => void this.fired.push(line),
    standing: (line) => void this.standings.push(line),
    jobFailed: (why) => void this.jobFailures.push(why),
    problem: (what, error, job = alias?.job) => void this.problems.push(`${job}: ${what}: ${String(error)}`),
    operation: () => {},
    flush: () => void this.flushes++,
  });
}

export class Invoked {
  readonly calls: { name: FunctionName; job: string | null; g: number | null; payload: object }[] = [];
  fails = false;

  readonly invoke: InvokeEvent = async (name, alias, payload) => {
    this.calls.push({ name, job: alias?.job ?? null, g: alias?.g ?? null, payload });
    if (this.fails) throw new Error('TooManyRequestsException');
  };
}
