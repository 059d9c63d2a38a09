/** What a sink that cannot write says: what is wrong, where, and what to do, so that the job goes on by itself when it is mended. */
import { SluiceError, type ErrorCode } from '../../core/errors.ts';
import type { JobId } from '../../core/numbers.ts';
import type { RecordLayout, SinkNode } from '../../core/plan.ts';
import { brokerErrors } from './failures.ts';
import { RecordsTooLarge, SessionFenced } from './transactions.ts';

export interface SinkPlace {
  readonly job: JobId;
  readonly node: SinkNode;
  readonly layout: RecordLayout;
}

export const transactionalId = ({ job, node, layout }: SinkPlace): string => `${layout.transactionalIdPrefix}-${job}-${node.uid}`;
export const cursorGroup = (place: SinkPlace): string => `${transactionalId(place)}-cursor`;

const LASTING: readonly ErrorCode[] = ['REPLAY_DIFFERS', 'INVARIANT', 'SINK_UNAVAILABLE'];

/** SINK_UNAVAILABLE for what can be mended outside; anything else stays what it is. */
export function unavailable(cause: unknown, place: SinkPlace): SluiceError {
  if (cause instanceof SessionFenced) return failure(place, 'other processes keep opening sessions under its transactional id', 'It is repeated; see that no other job has its transactional id.', cause);
  if (cause instanceof RecordsTooLarge) return failure(place, 'a row is larger than the topic allows', tooLargeHint(place), cause);
  if (!(cause instanceof SluiceError)) throw cause;
  return LASTING.includes(cause.code) ? cause : failure(place, cause.message, hintOf(cause, place), cause);
}

function failure({ node, layout: { topic } }: SinkPlace, why: string, hint: string, cause: unknown): SluiceError {
  return new SluiceError('SINK_UNAVAILABLE', { message: `cannot write table ${node.table} into topic '${topic}': ${why}`, hint, cause, details: { table: node.table, topic } });
}

function hintOf(cause: SluiceError, place: SinkPlace): string {
  const { topic } = place.layout;
  const answers = brokerErrors(cause);
  if (cause.code === 'TOPIC_UNKNOWN' || answers.includes('UNKNOWN_TOPIC_OR_PARTITION')) return `Create it: sluice topic create ${topic}. Its rows are kept and written then.`;
  if (answers.some((id) => id.endsWith('AUTHORIZATION_FAILED'))) return aclHint(place);
  if (answers.includes('INVALID_TRANSACTION_TIMEOUT')) return "Set 'properties.transaction.timeout.ms' to at most the brokers' transaction.max.timeout.ms.";
  return cause.hint ?? 'Its rows are kept and written when the brokers take them.';
}

const tooLargeHint = ({ layout: { topic } }: SinkPlace): string =>
  `Raise the limit: kafka-configs --alter --entity-type topics --entity-name ${topic} --add-config max.message.bytes=BYTES. Its rows are kept and written then.`;

function aclHint(place: SinkPlace): string {
  const { topic, guarantee } = place.layout;
  if (guarantee !== 'exactly-once') return `Allow the user of this connection Describe and Write on topic '${topic}'.`;
  return `Allow the user of this connection Describe, Write and Read on topic '${topic}', Describe and Write on transactional id '${transactionalId(place)}', and Read on group '${cursorGroup(place)}'.`;
}
