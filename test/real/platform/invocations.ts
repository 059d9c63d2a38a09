/** How long functions take, as their caller sees it. */
import type { FunctionTarget, Invocation, InvocationRequest } from '../../../lib/local/event-source/target.ts';

export interface TimedInvocation {
  readonly name: string;
  readonly ms: number;
  readonly isOk: boolean;
}

const NAME = /:function:([^:]+)/;

/** Synchronous invocations on their way to a target. */
export class Timed implements FunctionTarget {
  readonly #target: FunctionTarget;
  readonly #all: TimedInvocation[] = [];

  constructor(target: FunctionTarget) {
    this.#target = target;
  }

  get all(): readonly TimedInvocation[] {
    return this.#all;
  }

  async invoke(request: InvocationRequest): Promise<Invocation> {
    const began = performance.now();
    const invocation = await this.#target.invoke(request);
    const name = NAME.exec(request.functionArn)?.[1] ?? request.functionArn;
    if (request.type === 'RequestResponse') this.#all.push({ name, ms: performance.now() - began, isOk: invocation.kind === 'ok' });
    return invocation;
  }

  async close(): Promise<void> {}
}
