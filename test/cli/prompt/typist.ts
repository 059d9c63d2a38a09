/** Somebody at a terminal, in this process: types keys, and waits for what appears. */
import { PassThrough, Writable } from 'node:stream';
import type { Console } from '../../../lib/cli/console.ts';

export const KEY = { tab: '\t', enter: '\r', up: '\u001b[A', ctrlC: '\u0003', ctrlD: '\u0004' } as const;

const PATIENCE_MS = 20_000;

/** What has appeared on a terminal. */
export class Shown {
  #text = '';
  #seen = 0;
  #look: () => void = () => {};

  add(text: string): void {
    this.#text += text;
    this.#look();
  }

  /** Resolves with all that has appeared up to this text, from where the last look has ended. */
  async sees(text: string): Promise<string> {
    const until = performance.now() + PATIENCE_MS;
    for (let at = -1; ; ) {
      at = this.#text.indexOf(text, this.#seen);
      if (at >= 0) return this.#text.slice(this.#seen, (this.#seen = at + text.length));
      if (performance.now() > until) throw new Error(`no '${text}' in:\n${this.#text.slice(this.#seen)}`);
      await new Promise<void>((resolve) => {
        this.#look = resolve;
        setTimeout(resolve, 100);
      });
    }
  }
}

export class Typist {
  readonly #input = new PassThrough();
  readonly #columns: number;
  readonly #shown = new Shown();

  constructor(columns = 100) {
    this.#columns = columns;
  }

  get console(): Console {
    const print = (line: string): void => this.#shown.add(`${line}\n`);
    const output = Object.assign(new Writable({ write: (chunk, _, done) => (this.#shown.add(String(chunk)), done()) }), { columns: this.#columns });
    return { out: print, err: print, progress: () => {}, input: async () => null, terminal: () => ({ input: this.#input, output }) };
  }

  /** Keys one by one, since an editor takes what comes at once for pasted text. */
  async type(...keys: string[]): Promise<void> {
    for (const key of keys) {
      this.#input.write(key);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  readonly sees = (text: string): Promise<string> => this.#shown.sees(text);
}
