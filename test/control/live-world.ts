/** Queries over topics in memory, with stores that show what is left in them. */
import { memoryPorts, type MemoryPorts } from '../../lib/adapters/memory/index.ts';
import { memoryScratch } from '../../lib/adapters/memory/scratch.ts';
import { nodeCodec } from '../../lib/adapters/node/codec.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { beginQuery } from '../../lib/control/live-query.ts';
import type { Change, Changes } from '../../lib/control/statement-result.ts';
import { withTables } from '../../lib/place/sources.ts';
import type { Scratch } from '../../lib/ports/scratch.ts';
import { planJob } from '../../lib/sql/plan-script.ts';

const EVENTS = `CREATE TABLE events (kind STRING, n INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts)
  WITH ('connector' = 'kafka', 'topic' = 'events', 'properties.bootstrap.servers' = 'k:1', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json');`;

export class LiveWorld {
  readonly ports: MemoryPorts = memoryPorts({ runtime: nodeRuntime, codec: nodeCodec });
  readonly scratch: Scratch = memoryScratch({ runtime: nodeRuntime, codec: nodeCodec });

  constructor(partitions = 1) {
    this.ports.source.recreate('events', partitions);
  }

  /** Records without a time are of 1970. */
  produce(records: readonly object[], partition = 0): void {
    this.ports.source.produce('events', records.map((record) => JSON.stringify({ ts: '1970-01-01 00:00:00', ...record })), partition);
  }

  query(sql: string, stateMax?: number): Promise<Changes> {
    const { plan } = planJob(EVENTS + sql, { warehouse: '/w', resolvePath: (path) => path }, { collects: true });
    const workshop = { ports: this.ports, place: {}, portsFor: (of: typeof plan) => withTables(this.ports, of) };
    return beginQuery({ workshop, openScratch: () => this.scratch, ...(stateMax !== undefined && { stateMax }) }, plan);
  }
}

const OPS = { INSERT: '+I', UPDATE_BEFORE: '-U', UPDATE_AFTER: '+U', DELETE: '-D' } as const;

export const text = ({ kind, row }: Change): string => [OPS[kind], ...row].join(' ');

/** All changes, or as many as are wanted; the query ends behind them. */
export async function take({ changes }: Changes, count = Number.POSITIVE_INFINITY): Promise<string[]> {
  const taken: string[] = [];
  for await (const batch of changes) {
    taken.push(...batch.map(text));
    if (taken.length >= count) break;
  }
  return taken;
}

/** Of the table, to its present end. */
export const BOUNDED = `events /*+ OPTIONS('scan.bounded.mode' = 'latest-offset') */`;
