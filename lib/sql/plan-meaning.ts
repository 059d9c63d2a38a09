/** What the bases of pipelines mean: bases of the same meaning give the same rows, whatever their columns are called outside. */
import { fingerprint } from '../core/hash.ts';
import { withoutSecretOptions } from '../core/secrets.ts';
import type { Table } from './plan-context.ts';
import { inputsOf, type Base, type Pipeline } from './plan-scope.ts';

/** A number for each meaning. */
export class Meanings {
  readonly #numbers = new Map<string, number>();
  readonly #known = new WeakMap<Base, number>();

  of(base: Base): number {
    const known = this.#known.get(base);
    if (known !== undefined) return known;
    for (const input of inputsOf(base)) this.of(input.base);
    const text = textOf(base, (below) => this.of(below));
    const number = this.#numbers.get(text) ?? this.#numbers.size;
    this.#numbers.set(text, number);
    this.#known.set(base, number);
    return number;
  }
}

const distinctions = new WeakMap<Base, string>();

/** Tells a base from others of one uid, whatever else is said of their tables; part of names, so that secrets are left out. */
export function distinctionOf(base: Base): string {
  const distinction = distinctions.get(base) ?? (base.kind === 'source' ? distinctionOfTable(base.table) : fingerprint(textOf(base, distinctionOf)));
  distinctions.set(base, distinction);
  return distinction;
}

/** Tells tables of one name apart, and one to which a hint gives other options. */
export const distinctionOfTable = ({ path, options }: Pick<Table, 'path' | 'options'>): string => JSON.stringify([path, withoutSecretOptions(options)]);

/** Without the places in the text, and of the pipelines below without their names; `nameOf` stands for their bases. */
function textOf(base: Base, nameOf: (below: Base) => unknown): string {
  const below = ({ base: of, where, window, fields }: Pipeline): unknown => [nameOf(of), where, window, fields.map(({ expression }) => expression)];
  return JSON.stringify(base, (key, value: unknown) => (key === 'span' ? undefined : isPipeline(value) ? below(value) : value));
}

const isPipeline = (value: unknown): value is Pipeline => typeof value === 'object' && value !== null && 'base' in value && 'fields' in value;
