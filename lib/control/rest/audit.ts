/** One line for each request that would change something: who asked for what, and what was answered. Bodies are not in it, nor anything else that is secret. */
import type { WallTime } from '../../core/numbers.ts';
import { instantText } from '../../savepoint/field.ts';
import type { Who } from './gate.ts';

export interface AuditEntry {
  readonly time: WallTime;
  readonly who: Who;
  /** ARN of whom IAM has let in; absent where something else has. */
  readonly principal?: string;
  /** Of the network. */
  readonly address: string;
  readonly method: string;
  /** As the table of endpoints has it, since handles of sessions open them; empty for none. */
  readonly path: string;
  /** Empty where the path names none. */
  readonly job: string;
  /** By which an operation is asked about; empty where there is none. */
  readonly trigger: string;
  /** Of the answer: what is triggered is only accepted by then. */
  readonly status: number;
}

export type Audit = (entry: AuditEntry) => void;

/** As JSON, with the time as people read it. */
export const auditLine = ({ time, ...entry }: AuditEntry): string => JSON.stringify({ time: instantText(time), ...entry });
