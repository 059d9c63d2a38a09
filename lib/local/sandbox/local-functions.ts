/** The functions of this machine, by name: what an event source, a schedule or the Invoke endpoint invokes. */
import { SluiceError } from '../../core/errors.ts';
import type { FunctionTarget, Invocation, InvocationRequest } from '../event-source/target.ts';
import { LocalFunction, type FunctionOptions, type Zombie } from './local-function.ts';
import { Reaper } from './reaper.ts';

export interface LocalFunctionsOptions {
  readonly functions: Readonly<Record<string, FunctionOptions>>;
  /** Lines that functions write: telemetry, and rows of `print` sinks. */
  readonly onLine?: (functionName: string, line: string) => void;
}

const NAME = /:function:([A-Za-z0-9-_]+)/;

export class LocalFunctions implements FunctionTarget {
  readonly #reaper = new Reaper();
  readonly #functions: ReadonlyMap<string, LocalFunction>;

  constructor({ functions, onLine = () => {} }: LocalFunctionsOptions) {
    this.#functions = new Map(
      Object.entries(functions).map(([name, options]) => [name, new LocalFunction(name, options, this.#reaper, (line) => onLine(name, line))]),
    );
  }

  /** Throws USAGE for an unknown function, CONTENTION where the queue of events is full. */
  async invoke({ functionArn, payload, type }: InvocationRequest): Promise<Invocation> {
    const found = this.#named(NAME.exec(functionArn)?.[1] ?? functionArn);
    if (type === 'RequestResponse') return found.invoke(functionArn, payload);
    if (found.accept(functionArn, payload)) return { kind: 'ok', payload: '' };
    throw new SluiceError('CONTENTION', { message: `too many invocations wait for ${functionArn}` });
  }

  get isIdle(): boolean {
    return [...this.#functions.values()].every((f) => f.isIdle);
  }

  /** See `LocalFunction.strand`. */
  strand(name: string): Zombie | null {
    return this.#named(name).strand();
  }

  /** Afterwards none of their processes is left. */
  async close(): Promise<void> {
    await Promise.all([...this.#functions.values()].map((f) => f.close()));
    await this.#reaper.close();
  }

  #named(name: string): LocalFunction {
    const found = this.#functions.get(name);
    if (found === undefined) throw new SluiceError('USAGE', { message: `there is no function ${name}`, hint: `there are ${[...this.#functions.keys()].join(', ')}` });
    return found;
  }
}
