/** What a program defines its job with. */
import type { Graph } from './graph.ts';
import { refuse } from './refusal.ts';
import type { Environment, Source } from './source/source.ts';
import { objectsTransform } from './sql/from-row.ts';
import { STREAM_ROW } from '../core/process/rows.ts';
import { Stream } from './stream.ts';

export interface QueryOptions {
  /** The column with the event time of the values, of type TIMESTAMP(3) or TIMESTAMP_LTZ(3): the row time of its table. Absent: the stream has no event time. */
  readonly time?: string;
}

export class JobBuilder {
  readonly #graph: Graph;
  readonly #environment: Environment;

  constructor(graph: Graph, environment: Environment) {
    this.#graph = graph;
    this.#environment = environment;
  }

  /** The values of a source; `uid` is the name by which a new version of the job goes on where this one has stopped. */
  from<T>(uid: string, source: Source<T>): Stream<T> {
    const transformation = this.#graph.add({
      uid,
      suffix: 'source',
      inputs: [],
      isTimed: source.isTimed,
      build: (own) => source.open(own, this.#environment),
    });
    return new Stream(this.#graph, transformation);
  }

  /** Statements of SQL: CREATE, ALTER, DROP and USE take effect at once, INSERTs become part of the job. */
  sql(text: string): void {
    this.#graph.sql.execute(text);
  }

  /** The rows of a query as objects, with the names of its columns. `T` says what they are: `query<{ account: string }>(…)`. */
  query<T extends object = Record<string, unknown>>(text: string, { time }: QueryOptions = {}): Stream<T> {
    const query = this.#graph.sql.query(text);
    const transformation = this.#graph.add({
      uid: null,
      suffix: `query-${query + 1}`,
      inputs: [],
      isTimed: time !== undefined,
      build: (uid) => {
        const output = this.#graph.outputs[query] ?? refuse('job.query', 'a query has been added after the job was built', 'Define the whole job within defineJob.');
        return { node: { kind: 'code', uid, input: output.uid, columns: STREAM_ROW }, transform: objectsTransform(output.columns, time ?? null) };
      },
    });
    return new Stream(this.#graph, transformation);
  }

  /** The rows of a table that `job.sql` has created, as objects; `name` as SQL has it: `orders`, `` `my orders` ``. */
  table<T extends object = Record<string, unknown>>(name: string, options: QueryOptions = {}): Stream<T> {
    return this.query<T>(`SELECT * FROM ${name}`, options);
  }
}
