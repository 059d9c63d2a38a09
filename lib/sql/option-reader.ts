/** Reads options by key, and refuses what nobody reads: a misspelt option must not be ignored. */
import { parseDuration } from '../core/duration.ts';
import { SluiceError } from '../core/errors.ts';
import { nearest } from '../core/nearest.ts';

export class OptionReader {
  readonly #options: Readonly<Record<string, string>>;
  readonly #of: string;
  readonly #known = new Set<string>();

  /** `of` names the owner in messages: `table 'a.b.c'`. */
  constructor(options: Readonly<Record<string, string>>, of: string) {
    this.#options = options;
    this.#of = of;
  }

  /** The value as written; undefined if it is not set. */
  text(key: string): string | undefined {
    this.#known.add(key);
    return Object.hasOwn(this.#options, key) ? this.#options[key] : undefined;
  }

  required(key: string): string {
    return this.text(key) ?? this.fail(`is missing the required option '${key}' (One or more required options are missing.)`);
  }

  /** One of a few words, in letters of either case, as Flink reads its enums. */
  oneOf<T extends string>(key: string, allowed: readonly T[], otherwise: T): T {
    const value = this.text(key);
    if (value === undefined) return otherwise;
    return allowed.find((item) => item.toLowerCase() === value.toLowerCase()) ?? this.wrong(key, `one of ${allowed.join(', ')}`, value, nearest(value, [...allowed]));
  }

  boolean(key: string, otherwise: boolean): boolean {
    const value = this.text(key)?.toLowerCase();
    if (value === undefined) return otherwise;
    if (value === 'true' || value === 'false') return value === 'true';
    return this.fail(`has a wrong '${key}': Unrecognized option for boolean: ${this.text(key)}. Expected either true or false(case insensitive)`);
  }

  duration(key: string): number | undefined {
    const value = this.text(key);
    return value === undefined ? undefined : (parseDuration(value) ?? this.wrong(key, "a duration such as '10 s' or '1 min'", value));
  }

  integer(key: string): number | undefined {
    const value = this.text(key);
    if (value === undefined) return undefined;
    return /^-?\d{1,15}$/.test(value) ? Number(value) : this.wrong(key, 'an integer', value);
  }

  /** A number of tasks, which has no effect here: at least 1. */
  parallelism(key: string): void {
    const value = this.integer(key);
    if (value !== undefined && value < 1) this.wrong(key, 'a whole number from 1', String(value));
  }

  /** A list with semicolons between its items, without empty ones. */
  list(key: string): readonly string[] | undefined {
    return this.text(key)?.split(';').map((item) => item.trim()).filter((item) => item !== '');
  }

  /** All options that begin with a prefix, which is cut off. */
  prefixed(prefix: string): Readonly<Record<string, string>> {
    const found = Object.entries(this.#options).filter(([key]) => key.startsWith(prefix));
    for (const [key] of found) this.#known.add(key);
    return Object.fromEntries(found.map(([key, value]) => [key.slice(prefix.length), value]));
  }

  /** Refuses the first option that was not asked for. */
  finish(): void {
    const unknown = Object.keys(this.#options).find((key) => !this.#known.has(key));
    if (unknown === undefined) return;
    const near = nearest(unknown, [...this.#known]);
    const hint = near === undefined ? `The options are ${[...this.#known].join(', ')}.` : `Did you mean '${near}'?`;
    this.fail(`has an unsupported option '${unknown}' (Unsupported options found)`, hint);
  }

  wrong(key: string, expected: string, got: string, near?: string): never {
    return this.fail(`needs ${expected} for '${key}', not '${got}'`, near ? `Did you mean '${near}'?` : undefined);
  }

  fail(problem: string, hint?: string): never {
    return refuseOptions(this.#of, problem, hint);
  }
}

/** Throws OPTION_INVALID: `of` is who has the options. */
export function refuseOptions(of: string, problem: string, hint?: string): never {
  const message = `${of} ${problem}`;
  throw new SluiceError('OPTION_INVALID', hint === undefined ? { message } : { message, hint });
}
