/** What the bases of pipelines mean: bases of the same meaning give the same rows, whatever their columns are called outside. */
import { inputsOf, type Base, type Pipeline } from './plan-scope.ts';

/** A number for each meaning. */
export class Meanings {
  readonly #numbers = new Map<string, number>();
  readonly #known = new WeakMap<Base, number>();

  of(base: Base): number {
    const known = this.#known.get(base);
    if (known !== undefined) return known;
    for (const input of inputsOf(base)) this.of(input.base);
    const text = this.#textOf(base);
    const number = this.#numbers.get(text) ?? this.#numbers.size;
    this.#numbers.set(text, number);
    this.#known.set(base, number);
    return number;
  }

  /** Without the places in the text, and of the pipelines below without their names. */
  #textOf(base: Base): string {
    return JSON.stringify(base, (key, value: unknown) => (key === 'span' ? undefined : isPipeline(value) ? this.#below(value) : value));
  }

  #below({ base, where, window, fields }: Pipeline): unknown {
    return [this.of(base), where, window, fields.map(({ expression }) => expression)];
  }
}

const isPipeline = (value: unknown): value is Pipeline => typeof value === 'object' && value !== null && 'base' in value && 'fields' in value;
