/**
 * What the endpoints of the SQL gateway need of whoever keeps sessions and their operations. `sessions.ts` keeps them in the memory of this process;
 * a place without memory between requests would keep them elsewhere.
 */
import type { JobId } from '../../../core/numbers.ts';
import type { TimeZone } from '../../../core/time/zone.ts';
import type { Column } from '../../../core/types.ts';
import type { Change } from '../../statement-result.ts';

export type Properties = Readonly<Record<string, string>>;

/** Whatever names a session that is not there throws GATEWAY_REFUSED. */
export interface SqlGateway {
  /** Returns the handle. Throws OPTION_INVALID for a property with a wrong value, and GATEWAY_REFUSED where there are too many sessions. */
  openSession(properties: Properties): Promise<string>;
  /** To ask for a session keeps it from being closed as idle. */
  session(handle: string): Promise<GatewaySession>;
  /** Ends what its operations have under way. */
  closeSession(handle: string): Promise<void>;
  /** Closes the sessions that nobody has asked for in a while, and ends the queries that nobody reads; returns when what they had under way has ended. */
  closeIdle(): Promise<void>;
  /** Closes all sessions. */
  close(): Promise<void>;
}

export interface GatewaySession {
  /** The options in force, and those of the client that have no meaning here. */
  readonly properties: Properties;
  /** Executes a statement that prepares the session. */
  configure(statement: string): Promise<void>;
  /** What may stand at `position`, an offset in the text. */
  complete(text: string, position: number): Promise<readonly string[]>;
  /** Begins a statement, which is executed behind those before it, and returns the handle of its operation. */
  submit(statement: string): string;
  operation(handle: string): GatewayOperation;
  /** Ends it and forgets what it gave. */
  closeOperation(handle: string): Promise<void>;
}

export type OperationStatus = 'PENDING' | 'RUNNING' | 'FINISHED' | 'CANCELED' | 'ERROR';

export interface GatewayOperation {
  readonly status: OperationStatus;
  /** The batch of a token: the next one, or the last one again. Throws what the statement has thrown. */
  fetch(token: number): Promise<Fetched>;
  cancel(): Promise<void>;
}

export interface ResultHead {
  readonly columns: readonly Column[];
  /** The rows are those of a SELECT. */
  readonly isQuery: boolean;
  /** It gives content, and not only word that it was done. */
  readonly hasContent: boolean;
  readonly job: JobId | null;
  /** In which TIMESTAMP_LTZ is shown as text. */
  readonly zone: TimeZone;
}

export type Fetched = { readonly kind: 'not-ready' } | { readonly kind: 'batch'; readonly head: ResultHead; readonly batch: Batch };

/** Null: there is nothing more. */
export type Batch = readonly Change[] | null;
