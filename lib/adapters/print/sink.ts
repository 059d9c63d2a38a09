/** The `print` and `blackhole` connectors. */
import type { SinkNode } from '../../core/plan.ts';
import type { Emission, EmitResult, Sink, SinkPosition } from '../../ports/sink.ts';
import { rowText } from './row-text.ts';

/** Takes one line with its newline. */
export type Print = (text: string, target: 'stdout' | 'stderr') => void;

/**
 * One line per row. At least once, as in Flink: what was printed cannot be taken back or looked up, so a process that dies between
 * print and ACK leaves rows that the next one prints again; within this object a position is printed once. Options:
 * `print-identifier` (prefix), `standard-error`.
 */
export class PrintSink implements Sink {
  readonly fences = false;
  readonly #node: SinkNode;
  readonly #print: Print;
  #newest: SinkPosition | null = null;

  constructor(node: SinkNode, print: Print) {
    this.#node = node;
    this.#print = print;
  }

  async emit({ g, f, rows }: Emission): Promise<EmitResult> {
    if (rows.length > 0 && !this.#isPrinted({ g, f })) {
      this.#printRows(rows);
      this.#newest = { g, f };
    }
    return { kind: 'durable' };
  }

  async fence(): Promise<SinkPosition | null> {
    return null;
  }

  #isPrinted({ g, f }: SinkPosition): boolean {
    return this.#newest !== null && this.#newest.g === g && f <= this.#newest.f;
  }

  #printRows(rows: Emission['rows']): void {
    const identifier = this.#node.options['print-identifier'];
    const prefix = identifier === undefined ? '' : `${identifier}> `;
    const target = this.#node.options['standard-error']?.toLowerCase() === 'true' ? 'stderr' : 'stdout';
    for (const row of rows) this.#print(`${prefix}${rowText(this.#node, row)}\n`, target);
  }
}

/** Takes everything and keeps nothing. */
export const blackhole: Sink = {
  fences: false,
  emit: async () => ({ kind: 'durable' }),
  fence: async () => null,
};
