/** What the calls of a step give, in the order in which they do; copied, since a function may go on to change what it has given. */
import type { JsonValue } from '../plan.ts';
import { decodeStored } from '../stored-value.ts';
import { Raw, type Row } from '../types.ts';
import { drained } from '../window/pane-result.ts';
import { functionThrew, type Called } from './call-error.ts';

/** So many outputs a single call gives at most: they are all in memory at once. */
export const CALL_OUTPUTS_MAX = 100_000;

/** A row of `PROCESS_OUTPUT`. */
export interface Output {
  readonly place: number;
  readonly json: JsonValue;
  readonly timestamp: number | null;
}

export class StepOutputs {
  readonly #given: Output[] = [];
  /** Those of the calls before the one that is under way. */
  #before = 0;

  get count(): number {
    return this.#given.length;
  }

  /** A call begins. Returns what `rollback` takes back to here. */
  begin(): number {
    this.#before = this.#given.length;
    return this.#before;
  }

  rollback(mark: number): void {
    this.#given.length = mark;
  }

  /** Throws FUNCTION_THREW for what is too much. */
  add(output: Output, called: Called): void {
    if (this.#given.length - this.#before >= CALL_OUTPUTS_MAX) throw functionThrew(called, `one call gives more than ${CALL_OUTPUTS_MAX} outputs`);
    this.#given.push(output);
  }

  /** Gives and forgets all, as rows. */
  *drain(): Generator<Row> {
    for (const { place, json, timestamp } of drained(this.#given)) yield [place, new Raw(decodeStored(json)), timestamp];
  }
}
