/**
 * How the panes of one plan become those of the next (protocol V4). Fields of `value` are matched by name, which is the meaning of their
 * aggregate; their order does not count. Pure.
 */
import { statesOf } from '../core/aggregates/states.ts';
import type { JsonValue, WindowAggregateNode } from '../core/plan.ts';
import type { SqlType } from '../core/types.ts';
import type { PaneColumns } from '../core/window/pane.ts';
import { functionText, valueFields, valueText, type ValueField } from './schema.ts';

/** What changes between two nodes of the same keys and windows, as texts for people. */
export interface ValueChanges {
  /** What the panes can follow; none of them touches another aggregate. */
  readonly changes: readonly string[];
  /** What they cannot. */
  readonly conflicts: readonly string[];
}

/** By name; nothing for another order alone, and nothing for COUNT(*), which is there in every pane. */
export function valueChanges(from: WindowAggregateNode, to: WindowAggregateNode): ValueChanges {
  const [before, after] = [keptFields(from), keptFields(to)];
  const pairs = before.flatMap((was) => after.filter((is) => is.name === was.name).map((is) => ({ was, is })));
  const changed = pairs.filter(({ was, is }) => fieldText(was) !== fieldText(is));
  return {
    changes: [
      ...without(after, before).map(({ name }) => `new aggregate ${name} starts at zero in open windows`),
      ...without(before, after).map(({ name }) => `aggregate ${name} is dropped`),
      ...changed.filter(isWider).map(({ was, is }) => `aggregate ${is.name} widens from ${fieldText(was)} to ${fieldText(is)}`),
    ],
    conflicts: changed.filter((pair) => !isWider(pair)).map(({ was, is }) => `its ${is.name} was ${fieldText(was)}, and would be ${fieldText(is)}`),
  };
}

/** What is of use beyond a FIRE: a LIMIT hands each row on at once, and goes on with its count alone. */
export const keptFields = (node: WindowAggregateNode): ValueField[] => (node.limit === undefined ? valueFields(node) : []);

const without = (fields: readonly ValueField[], others: readonly ValueField[]): ValueField[] =>
  fields.filter(({ name }) => !others.some((other) => other.name === name));

const fieldText = (field: ValueField): string => `${functionText(field)} ${valueText(field)}`;

const isWider = ({ was, is }: { was: ValueField; is: ValueField }): boolean => functionText(was) === functionText(is) && widens(was.value, is.value);

const INTEGERS: readonly SqlType['kind'][] = ['TINYINT', 'SMALLINT', 'INT', 'BIGINT'];

/** Every number of `was` is one of `is`, and reads as it from the same JSON. */
function widens(was: SqlType, is: SqlType): boolean {
  if (was.kind === 'DECIMAL' && is.kind === 'DECIMAL') return is.scale >= was.scale && is.precision - is.scale >= was.precision - was.scale;
  const [before, after] = [INTEGERS.indexOf(was.kind), INTEGERS.indexOf(is.kind)];
  return (before >= 0 && before < after) || (was.kind === 'FLOAT' && is.kind === 'DOUBLE');
}

/**
 * Panes of `from` as panes of `to`. Every aggregate that `from` has too keeps its value; a new one begins with nothing, so that in windows
 * that are open it sees only the rows behind the restore. There are no conflicts between the two.
 */
export function evolvePanes(columns: PaneColumns, from: WindowAggregateNode, to: WindowAggregateNode): PaneColumns {
  const names = valueFields(from).map(({ name }) => name);
  const accumulators = valueFields(to).map((field) => columns.accumulators[names.indexOf(field.name)] ?? zeros(field, columns.keys.length));
  return { ...columns, accumulators };
}

function zeros({ call }: ValueField, panes: number): JsonValue[] {
  const [state] = statesOf([call]);
  return Array.from({ length: panes }, () => state?.aggregate.encode(state.aggregate.zero) ?? null);
}
