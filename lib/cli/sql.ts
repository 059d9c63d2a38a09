/** `sluice sql [-i INIT] [-f FILE] [-e SQL]`: statements, as in Flink's SQL client; on a terminal, the prompt. */
import { contextOf, withPlace, type AddCommand } from './context.ts';
import type { Console } from './console.ts';
import type { Script } from '../sql/script.ts';
import { usage } from './errors.ts';
import { examples } from './examples.ts';
import { printStatement } from './print-statement.ts';
import { collect, openSession, readScript, runScript, type ScriptOption } from './scripts.ts';

interface SqlFlags {
  readonly init?: readonly ScriptOption[];
}

export const addSql: AddCommand = (program, console) => {
  const scripts: ScriptOption[] = [];
  program
    .command('sql')
    .description('execute SQL statements, as Flink\'s SQL client does; an INSERT submits a job; without statements, on a terminal, a prompt')
    .summary('execute SQL statements; alone, a prompt')
    .option('-i, --init <file>', 'statements to begin with, silently; may be repeated', collect('file'))
    .option('-f, --file <file>', 'statements of a file; may be repeated', (file) => void scripts.push({ kind: 'file', value: file }))
    .option('-e, --execute <sql>', 'statements of the command line; may be repeated', (sql) => void scripts.push({ kind: 'text', value: sql }))
    .addHelpText(
      'after',
      examples(
        ['sql', 'a prompt with history and completion; \\? is its help'],
        ['sql -i tables.sql -f job.sql', 'define tables, and submit the INSERT of job.sql'],
        [`sql -e "SET 'execution.runtime-mode' = 'batch'" -e 'SELECT * FROM results LIMIT 10'`, 'look at what a job has written'],
      ),
    )
    .action(async (flags: SqlFlags, command) => {
      const context = contextOf(command, console);
      const inits = await Promise.all((flags.init ?? []).map(readScript));
      const terminal = scripts.length > 0 ? null : console.terminal();
      const given = terminal !== null ? [] : scripts.length > 0 ? await Promise.all(scripts.map(readScript)) : [await scriptOfInput(console)];
      await withPlace(context, { create: true }, async (place) => {
        const session = openSession(context, place);
        for (const script of inits) await runScript(session, script, async () => {});
        for (const script of given) await runScript(session, script, (result) => printStatement(context, result));
        if (terminal !== null) await (await import('./prompt/prompt.ts')).runPrompt(context, session, terminal);
      });
    });
};

async function scriptOfInput(console: Console): Promise<Script> {
  const text = await console.input();
  if (text === null) throw usage('no statements', 'name a file with -f, write SQL behind -e, or pipe it into the command');
  return { name: null, text };
}
