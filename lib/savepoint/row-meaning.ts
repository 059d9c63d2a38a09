/**
 * What the rows between the nodes of a plan mean, as texts: equal for equal rows, whatever the uids in between, the places of columns and their aliases. They
 * are made of the plan alone, so that plans of any age have them. Pure.
 */
import { assert } from '../core/errors.ts';
import { fingerprint } from '../core/hash.ts';
import type { Uid } from '../core/numbers.ts';
import type { AggregateCall, CalcNode, ExpandNode, Expression, Plan, PlanNode, SinkNode, UnnestNode, WindowAggregateNode, WindowTableNode } from '../core/plan.ts';
import { typeText } from '../core/types.ts';
import { canonicalJson } from './canonical-json.ts';

interface Rows {
  /** What they come out of. */
  readonly from: string;
  /** Conditions that all of them meet, in no order. */
  readonly filters: ReadonlySet<string>;
  /** What each column holds. */
  readonly columns: readonly string[];
}

type Producer = Exclude<PlanNode, SinkNode>;

/** `everything`: filters and types as well. `origins`: which columns of which inputs a column is made of, whatever the filters, and however wide the types. */
export type Regard = 'everything' | 'origins';

/** The meanings of one plan. Sources are known by their uids, which stand for what they read. */
export class RowMeanings {
  readonly #plan: Plan;
  readonly #regard: Regard;
  readonly #known = new Map<Uid, Rows>();

  constructor(plan: Plan, regard: Regard = 'everything') {
    this.#plan = plan;
    this.#regard = regard;
  }

  /** The rows that an aggregation takes in: their origin and filters, whatever it reads of them. */
  input(node: WindowAggregateNode): string {
    return textOf(this.#rows(node.input));
  }

  /** The groups of an aggregation: its rows, keys and windows, whatever it keeps of them. */
  groups({ input, window, carried, inOrder, limit, timeColumn, keys }: WindowAggregateNode): string {
    const rows = this.#rows(input);
    return digest([textOf(rows), window, carried ?? false, inOrder ?? false, limit ?? null, timeColumn === null ? null : at(rows, timeColumn), keys.map((key) => at(rows, key))]);
  }

  /** Each key of an aggregation, in their order. */
  keys({ input, keys }: WindowAggregateNode): string[] {
    const rows = this.#rows(input);
    return keys.map((key) => at(rows, key));
  }

  /** What an aggregation keeps of its groups: each aggregate with what it reads, in no order. */
  aggregates(node: WindowAggregateNode): string[] {
    return node.aggregates.map((call) => this.#call(node, call)).sort();
  }

  /** What an aggregate of a node takes in of each row. */
  read({ input }: WindowAggregateNode, { argument, more = [], filter }: AggregateCall): string {
    const rows = this.#rows(input);
    return digest([argument, ...more.map(({ column }) => column), filter ?? null].map((index) => (index === null ? null : at(rows, index))));
  }

  #call(node: WindowAggregateNode, call: AggregateCall): string {
    return digest([call.name, this.read(node, call)]);
  }

  #rows(uid: Uid): Rows {
    const known = this.#known.get(uid) ?? this.#rowsOf(producerIn(this.#plan, uid));
    this.#known.set(uid, known);
    return known;
  }

  #rowsOf(node: Producer): Rows {
    switch (node.kind) {
      case 'source':
        return unfiltered(['source', node.uid], namesOf(node));
      case 'failed-records':
        return unfiltered([node.kind], namesOf(node));
      case 'values':
        return unfiltered([node.kind, node.rows], namesOf(node));
      case 'calc':
        return calculated(node, this.#rows(node.input), this.#regard);
      case 'expand':
        return expanded(node, this.#rows(node.input), this.#regard);
      // What a program makes of rows nobody can tell.
      case 'code':
      case 'process':
        return unfiltered([node.kind, node.uid], namesOf(node));
      case 'union':
        return united(node.inputs.map((input) => this.#rows(input)));
      case 'unnest':
        return unnested(node, this.#rows(node.input));
      case 'window-table':
        return windowed(node, this.#rows(node.input));
      case 'window-aggregate': {
        const bounds = namesOf(node).slice(node.keys.length + node.aggregates.length);
        return unfiltered([node.kind, this.groups(node)], [...this.keys(node), ...node.aggregates.map((call) => this.#call(node, call)), ...bounds]);
      }
    }
  }
}

const digest = (value: unknown): string => fingerprint(canonicalJson(value));

const textOf = ({ from, filters }: Rows): string => digest([from, [...filters].sort()]);

const unfiltered = (from: readonly unknown[], columns: readonly string[]): Rows => ({ from: digest(from), filters: new Set(), columns });

const namesOf = ({ columns }: Producer): string[] => columns.map(({ name }) => name);

const at = ({ columns }: Rows, index: number): string => columns[index] ?? `$${index}`;

function calculated({ where, project }: CalcNode, rows: Rows, regard: Regard): Rows {
  const conditions = regard === 'origins' ? [] : conditionsOf(where).map((condition) => meaningOf(condition, rows, regard));
  return { from: rows.from, filters: new Set([...rows.filters, ...conditions]), columns: project.map((e) => meaningOf(e, rows, regard)) };
}

function conditionsOf(e: Expression | null): readonly Expression[] {
  if (e === null) return [];
  return e.op === 'call' && e.fn === 'AND' ? e.args.flatMap(conditionsOf) : [e];
}

function expanded({ projects, columns }: ExpandNode, rows: Rows, regard: Regard): Rows {
  const alternatives = columns.map((_, i) => projects.map((project) => project.slice(i, i + 1).map((e) => meaningOf(e, rows, regard))));
  return unfiltered(['expand', projects.length, textOf(rows)], alternatives.map(digest));
}

/** Which side of a union is the first does not matter, but a column is what it is on each of them. */
function united(inputs: readonly Rows[]): Rows {
  const sides = inputs.toSorted((a, b) => compare(textOf(a), textOf(b)) || compare(digest(a.columns), digest(b.columns)));
  const columns = sides[0]?.columns.map((_, i) => digest(sides.map((side) => at(side, i)))) ?? [];
  return unfiltered(['union', sides.map(textOf)], columns);
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

function unnested({ column, order = [], kept, columns }: UnnestNode, rows: Rows): Rows {
  const sorted = order.map(({ field, ...direction }) => ({ ...direction, field: columns[field]?.name }));
  const elements = columns.slice(0, columns.length - kept.length).map(({ name }) => digest(['element', at(rows, column), name]));
  return unfiltered(['unnest', at(rows, column), sorted, textOf(rows)], [...elements, ...kept.map((index) => at(rows, index))]);
}

function windowed({ window, timeColumn, kept, columns }: WindowTableNode, rows: Rows): Rows {
  const bounds = columns.slice(kept.length).map(({ name }) => name);
  return unfiltered(['windows', window, at(rows, timeColumn), textOf(rows)], [...kept.map((index) => at(rows, index)), ...bounds]);
}

function meaningOf(e: Expression, rows: Rows, regard: Regard): string {
  const bare = regard === 'origins' ? uncast(e) : e;
  return bare.op === 'column' ? at(rows, bare.index) : digest(termOf(bare, rows, regard));
}

function termOf(given: Expression, rows: Rows, regard: Regard): unknown {
  const isLoose = regard === 'origins';
  const e = isLoose ? uncast(given) : given;
  switch (e.op) {
    case 'column':
      return ['column', at(rows, e.index)];
    case 'literal':
      return isLoose ? ['literal', String(e.value)] : ['literal', typeText(e.type), e.value];
    case 'call':
      return [e.fn, ...(isLoose ? [] : [typeText(e.type), e.zone ?? null]), e.args.map((argument) => termOf(argument, rows, regard))];
  }
}

/** A type that grows adds casts, or takes them away. */
function uncast(e: Expression): Expression {
  const [inner] = e.op === 'call' && e.fn === 'CAST' ? e.args : [];
  return inner === undefined ? e : uncast(inner);
}

function producerIn(plan: Plan, uid: Uid): Producer {
  const node = plan.nodes.find((each) => each.uid === uid);
  assert(node !== undefined && node.kind !== 'sink', `${uid} gives rows`);
  return node;
}
