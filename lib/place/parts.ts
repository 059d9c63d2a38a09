/** Ports by part: topics, items and objects each come from the place that its URL names. */
import type { Kafka } from '../adapters/kafka/index.ts';
import { nodeCodec } from '../adapters/node/codec.ts';
import { nodeRuntime } from '../adapters/node/runtime.ts';
import type { Print } from '../adapters/print/sink.ts';
import type { Workshop } from '../engine/lifecycle/job-control.ts';
import type { Settings } from '../engine/settings.ts';
import { NO_CONSUMERS, type Consumers } from '../ports/consumers.ts';
import type { Ports } from '../ports/ports.ts';
import { codeFrom } from '../program/code-of.ts';
import type { KafkaClusters } from './brokers.ts';
import { openDirectory } from './directories.ts';
import { openSinks } from './sinks.ts';
import { requireTopics, withTables } from './sources.ts';

export type Items = Pick<Ports, 'log' | 'control' | 'chunks'>;
export type Topics = Pick<Ports, 'source' | 'offsets'>;

export interface Parts {
  readonly items: Items;
  readonly blob: Ports['blob'];
  /** The topics of Kafka depend on the plan; embedded ones do not. */
  readonly topics: KafkaClusters | Topics;
  readonly print: Print;
  /** Default: none, since a runner follows the store. */
  readonly consumers?: Consumers;
  readonly settings: Partial<Settings>;
  /** Records are delivered to functions, which read topics alone. Default: a runner asks for them. */
  readonly isOfFunctions?: boolean;
}

export function workshopFrom({ items, blob, topics, print, settings, consumers = NO_CONSUMERS, isOfFunctions = false }: Parts): Workshop {
  const rest = { ...items, blob, consumers, openDirectory: (url: string) => openDirectory(url, nodeRuntime), sinks: openSinks(nodeRuntime, print, 'source' in topics ? null : topics), runtime: nodeRuntime, codec: nodeCodec };
  const codeOf = codeFrom(rest);
  if ('source' in topics) {
    const ports = { ...rest, ...topics };
    return { ports, place: settings, portsFor: (plan) => withTables(ports, plan), codeOf };
  }
  return {
    ports: { ...rest, ...topicsOf(topics.general()) },
    place: settings,
    portsFor: (plan) => {
      if (isOfFunctions) requireTopics(plan);
      return withTables({ ...rest, ...topicsOf(topics.of(plan)) }, plan);
    },
    codeOf,
  };
}

const topicsOf = ({ source, offsets }: Kafka): Topics => ({ source, offsets });
