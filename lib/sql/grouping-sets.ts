/**
 * GROUP BY as grouping sets (Calcite's SqlValidatorUtil.analyzeGroupItem): every element stands for some sets, and the sets of the whole
 * are the combinations of one from each. A set that occurs several times gives its rows as often, and GROUP_ID() tells them apart.
 */
import type * as ast from './ast.ts';
import { unsupported } from './refusal.ts';

/** Places of the grouping expressions in `GroupBy.expressions`, ascending, each once. */
export type GroupingSet = readonly number[];

export interface GroupBy<T> {
  /** What rows are grouped by, each once, in the order of the text. */
  readonly expressions: readonly T[];
  /** At least one: plain `GROUP BY a, b` is one set. */
  readonly sets: readonly GroupingSet[];
}

/** More sets than this are no query that anybody means: a CUBE of 13 columns has 8192. */
const MAX_SETS = 4096;

/** `translate` gives the meaning of an expression, and `same` says whether two of them mean the same. */
export function groupingSets<T>(elements: readonly ast.GroupingElement[], translate: (e: ast.Expression) => T, same: (a: T, b: T) => boolean): GroupBy<T> {
  const expressions: T[] = [];
  const place = (e: ast.Expression): number => {
    const meaning = translate(e);
    const known = expressions.findIndex((other) => same(other, meaning));
    return known < 0 ? expressions.push(meaning) - 1 : known;
  };
  const [first] = elements;
  if (first?.kind === 'distinct-sets') return { expressions, sets: distinct(combined(first.elements, place)) };
  return { expressions, sets: combined(elements, place) };
}

type Place = (e: ast.Expression) => number;

/** One set of each element, in every combination; that of no elements is the empty set. */
function combined(elements: readonly ast.GroupingElement[], place: Place): GroupingSet[] {
  let sets: GroupingSet[] = [[]];
  for (const element of elements) {
    const more = setsOf(element, place);
    if (sets.length * more.length > MAX_SETS) unsupported(element.span, `GROUP BY with more than ${MAX_SETS} grouping sets`);
    sets = sets.flatMap((left) => more.map((right) => union([left, right])));
  }
  return sets;
}

function setsOf(element: ast.GroupingElement, place: Place): GroupingSet[] {
  switch (element.kind) {
    case 'grouping-sets':
      return element.elements.flatMap((part) => setsOf(part, place));
    case 'distinct-sets':
      return distinct(combined(element.elements, place));
    case 'rollup':
      return rollup(stepsOf(element, place));
    case 'cube':
      return cube(element, stepsOf(element, place));
    default:
      return [setOf(element, place)];
  }
}

const stepsOf = ({ elements }: ast.GroupingSets, place: Place): GroupingSet[] => elements.flatMap((step) => setsOf(step, place));

function setOf(element: ast.Expression | ast.GroupingTuple, place: Place): GroupingSet {
  return element.kind === 'grouping-tuple' ? union([element.expressions.map(place)]) : [place(element)];
}

/** All steps, then one less each time, down to none. */
const rollup = (steps: readonly GroupingSet[]): GroupingSet[] => [...steps.map((_, left) => union(steps.slice(0, steps.length - left))), []];

/** Every choice of steps, all of them first and none last. */
function cube(element: ast.GroupingSets, steps: readonly GroupingSet[]): GroupingSet[] {
  if (2 ** steps.length > MAX_SETS) unsupported(element.span, `CUBE of more than ${Math.log2(MAX_SETS)} columns`);
  return steps.reduceRight<GroupingSet[]>((choices, step) => [...choices.map((choice) => union([step, choice])), ...choices], [[]]);
}

const union = (sets: readonly GroupingSet[]): GroupingSet => [...new Set(sets.flat())].sort((a, b) => a - b);

const distinct = (sets: readonly GroupingSet[]): GroupingSet[] => [...new Map(sets.map((set) => [set.join(), set])).values()];
