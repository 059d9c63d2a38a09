/** What a failed call to a cluster means: another attempt, or an error that says what, where, why and what to do. */
import { SluiceError, StoreError } from '../../core/errors.ts';
import type { Connection } from './connection.ts';

/** The facts about a call that its errors repeat. */
export interface Call {
  /** `read topic 'orders' partition 3`; follows 'cannot'. */
  readonly what: string;
  /** Whether a call without an answer may have had its effect. */
  readonly unanswered: 'no' | 'maybe';
  /**
   * After which errors that pass: every one; those that the broker answered, because a second attempt could do again what the first one did, or
   * take its effect for somebody else's; or none, because even an answer may leave the call done in part.
   */
  readonly repeat: 'passing' | 'answered' | 'never';
}

export const reading = (what: string): Call => ({ what, unanswered: 'no', repeat: 'passing' });

/** Errors of the broker that pass: a leader or coordinator moves, or comes up. Metadata is read again before the next attempt. */
const PASSING = new Set([
  'CONCURRENT_TRANSACTIONS', 'COORDINATOR_LOAD_IN_PROGRESS', 'COORDINATOR_NOT_AVAILABLE', 'FENCED_LEADER_EPOCH', 'INCONSISTENT_TOPIC_ID', 'KAFKA_STORAGE_ERROR', 'LEADER_NOT_AVAILABLE', 'NOT_CONTROLLER', 'NOT_COORDINATOR',
  'NOT_ENOUGH_REPLICAS', 'NOT_LEADER_OR_FOLLOWER', 'OFFSET_NOT_AVAILABLE', 'PREFERRED_LEADER_NOT_AVAILABLE', 'REPLICA_NOT_AVAILABLE', 'REQUEST_TIMED_OUT', 'THROTTLING_QUOTA_EXCEEDED',
  'UNKNOWN_LEADER_EPOCH', 'UNKNOWN_SERVER_ERROR', 'UNKNOWN_TOPIC_ID', 'UNKNOWN_TOPIC_OR_PARTITION', 'UNSTABLE_OFFSET_COMMIT',
]);
const REFUSED = new Set([
  'CLUSTER_AUTHORIZATION_FAILED', 'DELEGATION_TOKEN_AUTH_DISABLED', 'GROUP_AUTHORIZATION_FAILED', 'TOPIC_AUTHORIZATION_FAILED', 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
]);
const ACTIVE_GROUP = new Set(['ILLEGAL_GENERATION', 'REBALANCE_IN_PROGRESS', 'STALE_MEMBER_EPOCH', 'UNKNOWN_MEMBER_ID', 'GROUP_SUBSCRIBED_TO_TOPIC', 'NON_EMPTY_GROUP']);
const AUTHENTICATION = new Set(['ILLEGAL_SASL_STATE', 'SASL_AUTHENTICATION_FAILED', 'UNSUPPORTED_SASL_MECHANISM']);
const CERTIFICATE = /^(?:ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)|HOSTNAME_MISMATCH)/;

/** Every error of a chain of causes and aggregates, the outer ones first; bounded. */
export function chainOf(error: unknown): Error[] {
  const chain: Error[] = [];
  const open: unknown[] = [error];
  for (let next = open.shift(); next !== undefined && chain.length < 64; next = open.shift()) {
    if (!(next instanceof Error)) continue;
    chain.push(next);
    if (next instanceof AggregateError) open.push(...next.errors);
    if (next.cause !== undefined) open.push(next.cause);
  }
  return chain;
}

const textOf = (error: Error, property: string): string | null => {
  const value: unknown = Reflect.get(error, property);
  return typeof value === 'string' ? value : null;
};

/** Kafka's names of the errors that the broker answered. */
export const brokerErrors = (error: unknown): string[] => chainOf(error).flatMap((e) => textOf(e, 'apiId') ?? []);
const codes = (error: unknown): string[] => chainOf(error).flatMap((e) => textOf(e, 'code') ?? []);

/** Is another attempt of the call allowed, and may it succeed? */
export const mayRepeat = (call: Call, error: unknown): boolean => isPassing(error) && (call.repeat === 'passing' || (call.repeat === 'answered' && isAnswered(error)));

/** The broker said that it did nothing, as opposed to: that it does not know. */
function isAnswered(error: unknown): boolean {
  const answers = brokerErrors(error);
  return answers.length > 0 && !answers.includes('REQUEST_TIMED_OUT') && !answers.includes('UNKNOWN_SERVER_ERROR');
}

/** Not after an answer that stands. */
function isPassing(error: unknown): boolean {
  if (error instanceof SluiceError || isAuthentication(error) || isCertificate(error)) return false;
  const answers = brokerErrors(error);
  if (answers.length > 0) return answers.every((id) => PASSING.has(id));
  return chainOf(error).some((e) => Reflect.get(e, 'canRetry') === true || textOf(e, 'errno') !== null || /^E[A-Z]+$/.test(textOf(e, 'code') ?? ''));
}

const isAuthentication = (error: unknown): boolean => codes(error).includes('PLT_KFK_AUTHENTICATION') || brokerErrors(error).some((id) => AUTHENTICATION.has(id));
const isCertificate = (error: unknown): boolean => codes(error).some((code) => CERTIFICATE.test(code)) || chainOf(error).some((e) => e.message === 'Broker requires TLS.');
/** A connection that ends within the handshake may be that of a broker which goes away: it is tried again first. */
const isTls = (error: unknown): boolean => isCertificate(error) || chainOf(error).some((e) => e.message.startsWith('TLS handshake failed'));

/** The error to show. One that is meant already stays as it is. */
export function failureOf(error: unknown, call: Call, connection: Connection): SluiceError {
  if (error instanceof SluiceError) return error;
  const at = connection.servers.join(', ');
  const parts = (why: string, hint: string) => ({ message: `cannot ${call.what}: ${why}`, hint, cause: error, details: { servers: at } });
  if (isAuthentication(error)) {
    const { sasl } = connection.security;
    const who = sasl === null ? '' : 'username' in sasl ? ` of user '${sasl.username}' (${sasl.mechanism})` : ` (AWS IAM: ${innermost(error)})`;
    return new SluiceError('OPTION_INVALID', parts(`${at} refuses the credentials${who}`, "Check 'properties.sasl.jaas.config' and 'properties.sasl.mechanism'."));
  }
  if (isTls(error)) {
    const hint = "Compare 'properties.security.protocol' with the listener's, and 'properties.ssl.truststore.*' and the host name with its certificate.";
    return new SluiceError('OPTION_INVALID', parts(`no TLS connection to ${at}: ${innermost(error)}`, hint));
  }
  return answered(error, call, parts, at);
}

type Parts = (why: string, hint: string) => { message: string; hint: string; cause: unknown };

function answered(error: unknown, call: Call, parts: Parts, at: string): SluiceError {
  const answers = brokerErrors(error);
  const refused = answers.find((id) => REFUSED.has(id));
  if (refused !== undefined) return new StoreError('no', parts(`${at} does not allow it (${refused})`, 'Give the user of this connection the ACL or IAM action that the name tells, then repeat.'));
  if (answers.some((id) => ACTIVE_GROUP.has(id))) {
    return new StoreError('no', parts(`the group has active members (${answers.join(', ')})`, 'Stop its consumers (disable the event source mapping), wait until they have left, then repeat.'));
  }
  const hint = 'Check that the brokers run and can be reached from here (name, port, firewall, security.protocol), then repeat.';
  const happened = isAnswered(error) && call.repeat !== 'never' ? 'no' : call.unanswered;
  return new StoreError(happened, parts(answers.length > 0 ? `${at} answers ${answers.join(', ')}` : `${at}: ${innermost(error)}`, hint));
}

/** Why in the end: the cause that no other one explains. */
const innermost = (error: unknown): string => {
  const last = chainOf(error).at(-1);
  if (last === undefined) return String(error);
  const code = textOf(last, 'code');
  return last.message === '' ? (code ?? last.name) : last.message;
};
