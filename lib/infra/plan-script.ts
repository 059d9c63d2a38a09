/** One job out of a script, without a store: statements that make tables, SET, and exactly one INSERT. */
import { SluiceError } from '../core/errors.ts';
import type { Plan } from '../core/plan.ts';
import { statementsOf } from '../control/script.ts';
import { planContext } from '../control/tables.ts';
import { changeCatalogs, isCatalogStatement } from '../sql/catalog-change.ts';
import { newCatalogs } from '../sql/catalog.ts';
import { sqlError } from '../sql/diagnostic.ts';
import { planInsert } from '../sql/plan.ts';
import { checkSessionOption, currentKey } from '../sql/session-options.ts';

export function planScript(text: string, { name }: { readonly name: string }): Plan {
  let catalogs = newCatalogs();
  let plan: Plan | null = null;
  const options = new Map<string, string>([['pipeline.name', name]]);
  for (const statement of statementsOf(text, () => false)) {
    if (statement.kind === 'raw-query') continue;
    if (statement.kind === 'set' && statement.option !== null) {
      const { key, value } = statement.option;
      options.set(currentKey(key.value), checkSessionOption(key.value, value.value));
    } else if (statement.kind === 'insert') {
      if (plan !== null) throw sqlError('SQL_UNSUPPORTED', text, statement.span, 'a second INSERT', 'Write one file for each job.');
      plan = planInsert(statement, planContext(catalogs, text, { warehouse: '/tmp/sluice', resolvePath: (path) => path }, Object.fromEntries(options)));
    } else if (isCatalogStatement(statement)) {
      catalogs = changeCatalogs(catalogs, statement);
    }
  }
  if (plan !== null) return plan;
  throw new SluiceError('SQL_VALIDATE', { message: 'the script has no INSERT', hint: 'Add the INSERT INTO that is the job.' });
}
