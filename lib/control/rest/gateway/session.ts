/** A session in the memory of this process. */
import { SluiceError } from '../../../core/errors.ts';
import type { Runtime } from '../../../ports/runtime.ts';
import type { SqlSession } from '../../session.ts';
import { withoutSecrets } from '../../secrets.ts';
import type { GatewaySession, Properties } from './gateway.ts';
import { newHandle } from './handle.ts';
import { Operation } from './operation.ts';

/** Of a session. Flink's SQL client closes none of them: the oldest are forgotten. */
const OPERATIONS_MAX = 64;
const STATEMENT_MAX = 512 * 1024;
/** Characters of a text that is completed: a client asks with each key. */
const COMPLETED_MAX = 64 * 1024;
/** About the bytes of their results. */
const HELD_MAX = 64 * 1024 * 1024;

/** What executes statements. */
export type Sql = Pick<SqlSession, 'execute' | 'configure' | 'complete' | 'properties'>;

export class KeptSession implements GatewaySession {
  readonly #runtime: Pick<Runtime, 'sleep' | 'elapsed' | 'randomHex'>;
  readonly #sql: Sql;
  readonly #operations = new Map<string, Operation>();
  /** The end of the statement that is executed, and of those that wait. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(sql: Sql, runtime: Pick<Runtime, 'sleep' | 'elapsed' | 'randomHex'>) {
    this.#sql = sql;
    this.#runtime = runtime;
  }

  get properties(): Properties {
    return withoutSecrets(this.#sql.properties);
  }

  configure(statement: string): Promise<void> {
    requireSize(statement);
    return this.#inTurn(() => this.#sql.configure(statement));
  }

  async complete(text: string, position: number): Promise<readonly string[]> {
    if (text.length > COMPLETED_MAX) return [];
    const { candidates } = await this.#sql.complete(text, position);
    return candidates.map((candidate) => candidate.text);
  }

  submit(statement: string): string {
    requireSize(statement);
    this.#makeRoom();
    const handle = newHandle(this.#runtime);
    const operation = new Operation(this.#runtime);
    this.#operations.set(handle, operation);
    void this.#inTurn(() => operation.run((signal) => this.#sql.execute(statement, signal)));
    return handle;
  }

  operation(handle: string): Operation {
    const operation = this.#operations.get(handle);
    if (operation !== undefined) return operation;
    throw new SluiceError('GATEWAY_REFUSED', { message: `Can not find the submitted operation in the OperationManager with the ${handle}.`, hint: 'execute the statement again' });
  }

  async closeOperation(handle: string): Promise<void> {
    const operation = this.operation(handle);
    this.#operations.delete(handle);
    await operation.cancel();
  }

  /** Ends the queries that nobody reads any more, such as those of a page that was reloaded. */
  async cancelAbandoned(): Promise<void> {
    const abandoned = [...this.#operations.values()].filter((operation) => operation.isAbandoned);
    await Promise.all(abandoned.map((operation) => operation.cancel()));
  }

  /** Returns when the statement that is executed is done, too: what it changes it changes as a whole. */
  async close(): Promise<void> {
    await Promise.all([...this.#operations.keys()].map((handle) => this.closeOperation(handle)));
    await this.#turn;
  }

  /** Forgets the oldest for which nothing goes on. */
  #makeRoom(): void {
    let held = [...this.#operations.values()].reduce((sum, operation) => sum + operation.size, 0);
    for (const [handle, operation] of this.#operations) {
      if (this.#operations.size < OPERATIONS_MAX && held <= HELD_MAX) return;
      if (!operation.isAtRest) continue;
      held -= operation.size;
      this.#operations.delete(handle);
    }
    if (this.#operations.size < OPERATIONS_MAX) return;
    throw new SluiceError('GATEWAY_REFUSED', { message: `a session has ${OPERATIONS_MAX} operations under way at most`, hint: 'cancel some, or wait for them' });
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(action);
    this.#turn = done.catch(() => {});
    return done;
  }
}

function requireSize(statement: string): void {
  if (statement.length <= STATEMENT_MAX) return;
  throw new SluiceError('GATEWAY_REFUSED', { message: `a statement has ${STATEMENT_MAX} characters at most, not ${statement.length}` });
}
