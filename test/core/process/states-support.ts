/** One key with one state, for tests of what states do. */
import { wallTime } from '../../../lib/core/numbers.ts';
import { decodeCell, encodeCell } from '../../../lib/core/process/cells.ts';
import type { Cell } from '../../../lib/core/process/contents.ts';
import { namedStates, specOf } from '../../../lib/core/process/declare.ts';
import type { Declared, NamedState } from '../../../lib/core/process/descriptor.ts';
import { openKeyStates, type KeyStates } from '../../../lib/core/process/key-states.ts';
import { withoutExpired } from '../../../lib/core/process/ttl.ts';

export class OneKey<S> {
  readonly #states: readonly NamedState[];
  #cells: readonly Cell[] = [];

  constructor(declared: Declared<S>) {
    this.#states = namedStates({ it: declared });
  }

  /** A step at this processing time. What it leaves goes through its text: the next one begins with what a restore would give. */
  at<R>(now: number, work: (state: S, key: KeyStates) => R): R {
    const key = openKeyStates(this.#states, this.#cells.length === 0 ? null : this.#cells, wallTime(now));
    // The descriptor says which state it is; a record of states cannot.
    const result = work(key.state['it'] as S, key);
    this.#keep(key.cells());
    return result;
  }

  /** As with a checkpoint. */
  cleanUp(now: number): void {
    const specs = this.#states.map((state) => specOf(state.name, state));
    this.#keep(withoutExpired(specs, this.#cells, wallTime(now)));
  }

  /** What is kept, as it is stored. */
  stored(): unknown {
    const [state] = this.#states;
    const [cell] = this.#cells;
    return state === undefined || cell === undefined ? undefined : encodeCell(state.ttl !== undefined, cell);
  }

  #keep(cells: readonly Cell[]): void {
    this.#cells = cells.map((cell, i) => {
      const { kind, ttl } = this.#states[i] ?? {};
      const text = JSON.stringify(encodeCell(ttl !== undefined, cell));
      return kind === undefined ? cell : decodeCell(kind, ttl !== undefined, JSON.parse(text));
    });
  }
}
