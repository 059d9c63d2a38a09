/** The pollers of mappings: which of them run, on what, and what they report. */
import type { Runtime } from '../../ports/runtime.ts';
import { NO_FAULTS, type Faults } from './faults.ts';
import type { OpenConsumer, Subscription } from './group-consumer.ts';
import { PAYLOAD_BYTES_MAX } from './event-text.ts';
import type { Mapping } from './mapping.ts';
import { PACE, Poller, type Pace, type PollerEvent } from './poller.ts';
import type { FunctionTarget } from './target.ts';

export interface PollingParts {
  readonly target: FunctionTarget;
  readonly open: OpenConsumer;
  readonly runtime: Runtime;
  /** Brokers of mappings that name an MSK cluster, which nobody resolves here: HOST:PORT each. Where they are given they stand for those of every other mapping too. */
  readonly brokers?: readonly string[];
  /** Members of the consumer group per mapping and process; default 1. */
  readonly pollers?: number;
  readonly pace?: Partial<Pace>;
  readonly faults?: Faults;
  readonly onEvent?: (uuid: string, event: PollerEvent) => void;
}

/** Lambda's default for Kafka, which a mapping without a window has. */
const WINDOW_MS = 500;

export class Polling {
  readonly #parts: PollingParts;
  readonly #running = new Map<string, readonly Poller[]>();
  /** Told to stop, with an invocation under way perhaps. */
  readonly #ending = new Set<Promise<void>>();

  constructor(parts: PollingParts) {
    this.#parts = parts;
  }

  has(uuid: string): boolean {
    return this.#running.has(uuid);
  }

  start(mapping: Mapping, onEvent: (event: PollerEvent) => void): void {
    if (this.#running.has(mapping.UUID)) return;
    const pollers = Array.from({ length: this.#parts.pollers ?? 1 }, () => this.#poller(mapping, onEvent));
    this.#running.set(mapping.UUID, pollers);
    for (const poller of pollers) poller.start();
  }

  /** No event is cut afterwards; what is under way ends in its own time. */
  stop(uuid: string): void {
    for (const poller of this.#running.get(uuid) ?? []) {
      const end = poller.stop().finally(() => this.#ending.delete(end));
      this.#ending.add(end);
    }
    this.#running.delete(uuid);
  }

  async close(): Promise<void> {
    for (const uuid of this.#running.keys()) this.stop(uuid);
    while (this.#ending.size > 0) await Promise.all(this.#ending);
  }

  #poller(mapping: Mapping, onEvent: (event: PollerEvent) => void): Poller {
    const { target, open, runtime, pace, faults = NO_FAULTS } = this.#parts;
    const subscription = subscriptionOf(mapping, this.#parts.brokers);
    return new Poller({
      subscription,
      origin: { topic: subscription.topic, eventSourceArn: mapping.EventSourceArn ?? null, bootstrapServers: subscription.brokers.join(',') },
      limits: { batchSize: mapping.BatchSize, windowMs: windowOf(mapping), payloadBytesMax: PAYLOAD_BYTES_MAX },
      pace: { ...PACE, ...pace },
      functionArn: mapping.FunctionArn,
      target,
      open,
      runtime,
      faults,
      onEvent: (event) => {
        onEvent(event);
        this.#parts.onEvent?.(mapping.UUID, event);
      },
    });
  }
}

const windowOf = ({ MaximumBatchingWindowInSeconds: seconds }: Mapping): number => (seconds === undefined ? WINDOW_MS : seconds * 1000);

export function groupOf({ UUID, SelfManagedKafkaEventSourceConfig: own, AmazonManagedKafkaEventSourceConfig: msk }: Mapping): string {
  return own?.ConsumerGroupId ?? msk?.ConsumerGroupId ?? UUID;
}

function subscriptionOf(mapping: Mapping, brokers: readonly string[] | undefined): Subscription {
  const { Topics, StartingPosition: position, StartingPositionTimestamp: at } = mapping;
  return {
    brokers: brokers ?? mapping.SelfManagedEventSource?.Endpoints.KAFKA_BOOTSTRAP_SERVERS ?? [],
    topic: Topics[0] ?? '',
    group: groupOf(mapping),
    position,
    timestamp: at === undefined ? null : at * 1000,
  };
}
