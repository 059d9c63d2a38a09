/** Executes what was typed at the prompt, and prints what it gave as it fits the terminal. */
import type { SqlSession } from '../../control/session.ts';
import type { StatementResult } from '../../control/statement-result.ts';
import { printChanges } from '../changes.ts';
import type { Terminal } from '../console.ts';
import type { Context } from '../context.ts';
import { printStatement } from '../print-statement.ts';
import { abandonable, Abandoned } from './abandon.ts';
import { helpText, type PromptCommand } from './prompt-command.ts';
import { fittingWidths, layoutText } from './table-layout.ts';

/** Of a terminal that does not tell. */
const WIDTH = 80;
const CLEAR = '\u001b[2J\u001b[H';

/** All but leaving. */
export type Executable = Exclude<PromptCommand, { readonly kind: 'quit' }>;

export class Executor {
  readonly #context: Context;
  readonly #session: Pick<SqlSession, 'run'>;
  readonly #output: Terminal['output'];
  #isVertical = false;

  constructor(context: Context, session: Pick<SqlSession, 'run'>, output: Terminal['output']) {
    this.#context = context;
    this.#session = session;
    this.#output = output;
  }

  /** Throws what the statement throws; the signal ends it. */
  async execute(command: Executable, signal: AbortSignal): Promise<void> {
    const { console } = this.#context;
    switch (command.kind) {
      case 'help':
        return console.out(helpText());
      case 'clear':
        return void this.#output.write(CLEAR);
      case 'layout':
        this.#isVertical = !this.#isVertical;
        return console.out(this.#isVertical ? 'Each column has a line.' : 'Each row has a line, if it fits.');
      case 'unknown':
        return console.err(`[ERROR] There is no ${command.name}; \\? shows what there is.`);
      case 'statement':
        return this.#run(command.text, signal);
    }
  }

  async #run(text: string, signal: AbortSignal): Promise<void> {
    const statements = this.#session.run(text, signal);
    try {
      for (;;) {
        const { value, done } = await abandonable(statements.next(), signal);
        if (done === true || signal.aborted) return;
        await this.#print(value, signal);
      }
    } catch (error) {
      if (!(error instanceof Abandoned)) throw error;
      this.#context.console.err('[WARN] The statement is no longer waited for. What it has begun goes on: \\j shows the jobs.');
    }
  }

  async #print(result: StatementResult, signal: AbortSignal): Promise<void> {
    const { json, console } = this.#context;
    const width = this.#output.columns || WIDTH;
    if (result.kind === 'changes') return printChanges(this.#context, result, signal, (wanted) => fittingWidths(wanted, width) ?? wanted);
    if (result.kind === 'table' && !json) return console.out(layoutText(result.table, { width, isVertical: this.#isVertical }));
    return printStatement(this.#context, result);
  }
}
