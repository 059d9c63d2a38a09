/** What is wrong with SQL, and what it would run, while somebody writes it. */
import type { SluiceError } from '../../../core/errors.ts';
import { withoutSecrets } from '../../../core/secrets.ts';
import { explainPlan } from '../../../sql/explain.ts';
import { route, type Route } from '../route.ts';
import { integer, list, maybe, nullable, object, oneOf, text, type Of } from '../shape.ts';

/** `init`: statements before them. */
const SCRIPT = object({ statements: text, init: maybe(text) });

const PROBLEM = object({
  code: text,
  message: text,
  hint: nullable(text),
  /** Which one of the two texts it is in. */
  in: oneOf('init', 'statements'),
  /** From 1, columns in code points, the end inclusive; null where it is about no place. */
  line: nullable(integer),
  column: nullable(integer),
  endLine: nullable(integer),
  endColumn: nullable(integer),
});

const CHECKED = object({ problems: list(PROBLEM), explain: nullable(text) });

export const SQL_CHECK_ROUTES: readonly Route[] = [
  route({ method: 'POST', path: '/sluice/v1/sql/check', summary: 'Parses and plans statements, and explains them; nothing is done.', requestName: 'SqlCheckRequest' }, SCRIPT, CHECKED, async ({ plane }, { body: { init, statements } }) => {
    const rehearsal = await plane.openSession({}).rehearsal();
    const wrong = (await rehearsal.run(init ?? '')).map((error) => problemOf(error, 'init'));
    const before = rehearsal.plans.length;
    const problems = wrong.length > 0 ? wrong : (await rehearsal.run(statements)).map((error) => problemOf(error, 'statements'));
    const plans = rehearsal.plans.slice(before).map((plan) => explainPlan(withoutSecrets(plan)));
    return { problems, explain: plans.length === 0 ? null : plans.join('\n\n') };
  }),
];

function problemOf({ code, message, hint, details }: SluiceError, where: Of<typeof PROBLEM>['in']): Of<typeof PROBLEM> {
  const at = (name: string): number | null => (Number.isSafeInteger(details[name]) ? Number(details[name]) : null);
  return { code, message: shortOf(code, message), hint: hint ?? null, in: where, line: at('line'), column: at('column'), endLine: at('endLine'), endColumn: at('endColumn') };
}

/** An editor shows the place itself: neither its name in front nor the line with carets behind. */
const shortOf = (code: string, message: string): string => message.replace(/\n {2}\d+ \| [^\n]*\n[ ]*\| [^\n]*$/, '').replace(new RegExp(`^${code}(?: at line \\d+, column \\d+)?: `), '');
