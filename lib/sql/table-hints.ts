/** Hints behind the name of a table: OPTIONS, which add to its WITH clause. */
import type { Hint } from './ast.ts';
import type { PlanContext, Table } from './plan-context.ts';
import { invalid, unsupported } from './refusal.ts';

type Paths = Pick<PlanContext, 'resolvePath'>;

/** The table with the options of its hints, which win. Flink's parser knows other hints in a SELECT alone. */
export function withHints<T extends Pick<Table, 'options'>>(table: T, hints: readonly Hint[], paths: Paths): T {
  return hints.reduce((hinted, hint) => withHint(hinted, hint, paths), table);
}

function withHint<T extends Pick<Table, 'options'>>(table: T, hint: Hint, { resolvePath }: Paths): T {
  if (hint.name.name.toUpperCase() !== 'OPTIONS') unsupported(hint.span, `The hint ${hint.name.name} behind a table`, "Only OPTIONS('key' = 'value') stands there.");
  const [argument] = hint.arguments;
  if (argument !== undefined) invalid(argument.span, "The hint OPTIONS takes pairs of a key and a value", "Write OPTIONS('key' = 'value').");
  const given = Object.fromEntries(hint.options.map(({ key, value }) => [key.value, key.value === 'path' ? resolvePath(value.value) : value.value]));
  return { ...table, options: { ...table.options, ...given } };
}
