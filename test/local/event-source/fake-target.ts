/** A function that answers when, and as, a test says. */
import type { FunctionTarget, Invocation, InvocationRequest } from '../../../lib/local/event-source/target.ts';

export interface PendingInvocation {
  readonly functionArn: string;
  /** `partition:first-last` of every partition of the event. */
  readonly what: string;
  ok(): void;
  fail(errorType?: string): void;
  /** Nobody knows: the target cannot be reached. */
  break(): void;
}

export class FakeTarget implements FunctionTarget {
  /** Not answered yet, in the order of invocation. */
  readonly pending: PendingInvocation[] = [];
  /** Everything that was invoked. */
  readonly invoked: string[] = [];
  /** Answers by itself. */
  isEager = false;

  invoke({ functionArn, payload }: InvocationRequest): Promise<Invocation> {
    const what = describe(payload);
    this.invoked.push(what);
    if (this.isEager) return Promise.resolve({ kind: 'ok', payload: 'null' });
    return new Promise((resolve, reject) => {
      const answer = (how: () => void) => (): void => {
        this.pending.splice(this.pending.indexOf(pending), 1);
        how();
      };
      const pending: PendingInvocation = {
        functionArn,
        what,
        ok: answer(() => resolve({ kind: 'ok', payload: 'null' })),
        fail: (errorType = 'Error') => answer(() => resolve({ kind: 'error', errorType, message: 'no' }))(),
        break: answer(() => reject(new Error('connect ECONNREFUSED'))),
      };
      this.pending.push(pending);
    });
  }

  async close(): Promise<void> {}

  /** The invocation that waits for its answer; there must be one. */
  get next(): PendingInvocation {
    const [pending] = this.pending;
    if (pending === undefined) throw new Error('nothing is invoked');
    return pending;
  }
}

function describe(payload: string): string {
  const { records }: { records: Record<string, { partition: number; offset: number }[]> } = JSON.parse(payload);
  return Object.values(records)
    .map((list) => `${list[0]?.partition}:${list[0]?.offset}-${list.at(-1)?.offset}`)
    .join(' ');
}
