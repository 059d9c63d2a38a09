/** The SQL gateway in the memory of one process: sessions end with it. */
import { SluiceError } from '../../../core/errors.ts';
import type { Runtime } from '../../../ports/runtime.ts';
import type { Properties, SqlGateway } from './gateway.ts';
import { newHandle } from './handle.ts';
import { KeptSession, type Sql } from './session.ts';

const SESSIONS_MAX = 256;
/** As Flink's (`sql-gateway.session.idle-timeout`). A client says every minute that it is there. */
const IDLE_MS = 10 * 60_000;

interface Entry {
  readonly session: KeptSession;
  usedAt: number;
}

export class GatewaySessions implements SqlGateway {
  readonly #runtime: Runtime;
  readonly #open: (properties: Properties) => Sql;
  readonly #entries = new Map<string, Entry>();

  constructor(runtime: Runtime, open: (properties: Properties) => Sql) {
    this.#runtime = runtime;
    this.#open = open;
  }

  async openSession(properties: Properties): Promise<string> {
    if (this.#entries.size >= SESSIONS_MAX) {
      throw new SluiceError('GATEWAY_REFUSED', { message: `Failed to create session, the count of active sessions exceeds the max count: ${SESSIONS_MAX}`, hint: 'close some, or wait: what is idle for ten minutes is closed' });
    }
    const session = new KeptSession(this.#open(properties), this.#runtime);
    const handle = newHandle(this.#runtime);
    this.#entries.set(handle, { session, usedAt: this.#runtime.elapsed() });
    return handle;
  }

  async session(handle: string): Promise<KeptSession> {
    const entry = this.#entries.get(handle);
    if (entry === undefined) throw new SluiceError('GATEWAY_REFUSED', { message: `Session '${handle}' does not exist.`, hint: 'it was closed, idle for ten minutes, or of a process that has ended: connect again' });
    entry.usedAt = this.#runtime.elapsed();
    return entry.session;
  }

  async closeSession(handle: string): Promise<void> {
    const session = await this.session(handle);
    this.#entries.delete(handle);
    await session.close();
  }

  async closeIdle(): Promise<void> {
    const now = this.#runtime.elapsed();
    const closing = this.#close(([, { usedAt }]) => now - usedAt > IDLE_MS);
    await Promise.all([closing, ...[...this.#entries.values()].map(({ session }) => session.cancelAbandoned())]);
  }

  close(): Promise<void> {
    return this.#close(() => true);
  }

  async #close(isMeant: (entry: readonly [handle: string, entry: Entry]) => boolean): Promise<void> {
    const meant = [...this.#entries].filter(isMeant);
    for (const [handle] of meant) this.#entries.delete(handle);
    await Promise.all(meant.map(([, { session }]) => session.close()));
  }
}
