/**
 * The prompt of `sluice sql`: statements are typed, recalled, completed and executed one after the other.
 *
 * Lines are edited by node:readline. It comes with Node, so it is kept, and it has what a shell needs: editing keys, history by what is typed, completion,
 * wide characters, and since Node 24 editing within statements of several lines (before, they are recalled as a whole). Packages were looked at: @inquirer,
 * @clack and enquirer ask questions, each time anew; readline2 and its like are no longer kept; terminal-kit draws whole screens, and brings eight packages.
 */
import { createInterface, type AsyncCompleter, type CompleterResult, type Interface } from 'node:readline';
import type { SqlSession } from '../../control/session.ts';
import { VERSION } from '../../core/version.ts';
import type { Terminal } from '../console.ts';
import type { Context } from '../context.ts';
import { errorText } from '../errors.ts';
import { Executor } from './executor.ts';
import { History, historyPath, STATEMENTS_MAX } from './history.ts';
import { promptCommand, type PromptCommand } from './prompt-command.ts';
import { StatementLines } from './statement-lines.ts';

const PROMPT = 'sluice> ';
const CONTINUATION = '      | ';
/** Statements that are pasted wait for each other; more of them belong into a file. */
const WAITING_MAX = 1000;

export type PromptSession = Pick<SqlSession, 'run' | 'complete'>;

/** Resolves when the user leaves. */
export async function runPrompt(context: Context, session: PromptSession, terminal: Terminal): Promise<void> {
  const history = new History(historyPath());
  context.console.out(`Sluice ${VERSION}: Flink SQL. A statement ends with a semicolon; \\? is help, Ctrl-D leaves.`);
  if (history.trouble !== null) context.console.err(`[WARN] Statements are not kept for the next time: ${history.trouble}`);
  await new Prompt(context, session, terminal, history).run();
}

class Prompt {
  readonly #context: Context;
  readonly #session: PromptSession;
  readonly #executor: Executor;
  readonly #history: History;
  readonly #editor: Interface;
  readonly #lines = new StatementLines();
  /** The editor's own list, the newest first; it would hold lines. */
  #recalled: string[] = [];
  /** What waits for the statement that runs. */
  #waiting: PromptCommand[] = [];
  #work: Promise<void> = Promise.resolve();
  /** Ends the statement that runs; null while none does. */
  #running: AbortController | null = null;
  #isClosed = false;

  constructor(context: Context, session: PromptSession, terminal: Terminal, history: History) {
    this.#context = context;
    this.#session = session;
    this.#executor = new Executor(context, session, terminal.output);
    this.#history = history;
    const completer: AsyncCompleter = (line, done) => void this.#completed(line).then((found) => done(null, found), () => done(null, [[], line]));
    this.#editor = createInterface({ ...terminal, terminal: true, prompt: PROMPT, history: [...history.statements], historySize: STATEMENTS_MAX, completer });
  }

  async run(): Promise<void> {
    const interrupt = (): void => this.#interrupt();
    const editor = this.#editor;
    const closed = new Promise<void>((resolve) => editor.once('close', resolve));
    editor.once('close', () => (this.#isClosed = true));
    // The editor takes Ctrl-C from the terminal. Others listen for the signal, too: those who wait for an execution of a stack.
    editor.on('SIGINT', () => process.emit('SIGINT', 'SIGINT'));
    editor.on('history', (lines) => (this.#recalled = lines));
    editor.on('line', (line) => this.#take(line.replaceAll('\r', '\n')));
    process.on('SIGINT', interrupt);
    try {
      editor.prompt();
      await closed;
      // What was typed before is executed; Ctrl-C is a signal again.
      await this.#work;
    } finally {
      process.off('SIGINT', interrupt);
    }
  }

  #take(line: string): void {
    const command = this.#lines.isEmpty ? promptCommand(line) : null;
    const text = command === null ? this.#lines.take(line) : line.trim();
    if (text !== null) this.#history.add(text);
    this.#recalled.splice(0, this.#recalled.length, ...this.#history.statements);
    if (text === null) this.#show();
    else this.#enqueue(command ?? { kind: 'statement', text });
  }

  #show(): void {
    if (this.#running !== null) return;
    this.#editor.setPrompt(this.#lines.isEmpty ? PROMPT : CONTINUATION);
    this.#editor.prompt(true);
  }

  #enqueue(command: PromptCommand): void {
    if (this.#waiting.length < WAITING_MAX) this.#waiting.push(command);
    else this.#context.console.err(`[ERROR] ${WAITING_MAX} statements wait already, and this one is left out: execute a file with \`sluice sql -f\`.`);
    if (this.#running === null) this.#work = this.#workOff();
  }

  async #workOff(): Promise<void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      this.#running = new AbortController();
      await this.#execute(next, this.#running.signal);
    }
    this.#running = null;
    if (!this.#isClosed) this.#show();
  }

  async #execute(command: PromptCommand, signal: AbortSignal): Promise<void> {
    if (command.kind === 'quit') {
      this.#waiting = [];
      return this.#editor.close();
    }
    try {
      await this.#executor.execute(command, signal);
    } catch (error) {
      this.#context.console.err(errorText(error));
    }
  }

  async #completed(line: string): Promise<CompleterResult> {
    if (this.#running !== null) return [[], line];
    const text = this.#lines.with(asStatement(this.#editor.line));
    const position = this.#lines.with(asStatement(line)).length;
    const { start, end, candidates } = await this.#session.complete(text, position);
    // The editor puts nothing in the place of what is behind the cursor: a quote that is there already.
    return [candidates.map((each) => each.text.slice(0, each.text.length - (end - position))), text.slice(start, position)];
  }

  #interrupt(): void {
    if (this.#running !== null) {
      this.#waiting = [];
      return this.#running.abort();
    }
    if (this.#isClosed) return;
    this.#lines.clear();
    this.#editor.write(null, { ctrl: true, name: 'e' });
    this.#editor.write(null, { ctrl: true, name: 'u' });
    this.#context.console.out('^C');
    this.#show();
  }
}

/** For completion: `\d` takes what DESCRIBE takes. */
const asStatement = (line: string): string => line.replace(/^\s*\\d\s/, 'DESCRIBE ');
