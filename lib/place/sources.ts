/** Where the records of a plan come from: what its tables read besides topics is opened here, for this plan alone. */
import { GeneratedSource } from '../adapters/datagen/source.ts';
import { FileSource } from '../adapters/filesystem/source.ts';
import { SluiceError } from '../core/errors.ts';
import { sourcesOf, type Plan } from '../core/plan.ts';
import type { Ports } from '../ports/ports.ts';
import type { Source } from '../ports/source.ts';

/** The ports with all that the tables of the plan read; `source` has the topics. */
export function withTables<P extends Pick<Ports, 'source' | 'runtime'>>(ports: P, plan: Plan): P {
  const tables = sourcesOf(plan).flatMap(({ topics: [topic = ''], generated, files }): [string, Source][] => {
    if (generated !== undefined) return [[topic, new GeneratedSource(topic, generated, ports.runtime)]];
    return files === undefined ? [] : [[topic, new FileSource(topic, files, ports.runtime)]];
  });
  return tables.length === 0 ? ports : { ...ports, source: sourceOf(ports.source, new Map(tables)) };
}

/** Functions get records from event source mappings, which read topics. Throws OPTION_INVALID for tables that are none. */
export function requireTopics(plan: Plan): void {
  const table = sourcesOf(plan).find(({ connector }) => connector !== 'kafka');
  if (table === undefined) return;
  throw new SluiceError('OPTION_INVALID', {
    message: `table '${table.table}' ('connector' = '${table.connector}') cannot be read here: nothing delivers its rows to functions`,
    hint: "Run the job on a laptop (`sluice up` with an embedded store), or read a topic with 'connector' = 'kafka'.",
  });
}

/** Topics, and tables under names of their own, which no topic can have. */
function sourceOf(topics: Source, tables: ReadonlyMap<string, Source>): Source {
  const of = (name: string): Source => tables.get(name) ?? topics;
  return {
    ...(topics.recordsHave !== undefined && { recordsHave: topics.recordsHave }),
    topic: (name) => of(name).topic(name),
    startOffset: (topic, partition, mode) => of(topic).startOffset(topic, partition, mode),
    fetch: (topic, partition, from, maxBytes) => of(topic).fetch(topic, partition, from, maxBytes),
    hasMore: async (topic, partition, from) => (await of(topic).hasMore?.(topic, partition, from)) ?? false,
    verify: async (topic, partition, at) => of(topic).verify?.(topic, partition, at),
  };
}
