/** Options of a session, which SET puts in force: Flink's keys, its old names included, with their values checked. */
import { parseDuration } from '../core/duration.ts';
import { SluiceError } from '../core/errors.ts';
import { nearest } from '../core/nearest.ts';
import { refusedZone } from './plan-zone.ts';

type Options = Readonly<Record<string, string>>;

/** Renames of Flink 1.20; the old names go on working. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['execution.savepoint.path', 'execution.state-recovery.path'],
  ['execution.savepoint.ignore-unclaimed-state', 'execution.state-recovery.ignore-unclaimed-state'],
  ['execution.savepoint-restore-mode', 'execution.state-recovery.claim-mode'],
  ['state.savepoints.dir', 'execution.checkpointing.savepoint-dir'],
  ['state.checkpoints.dir', 'execution.checkpointing.dir'],
  ['state.backend.incremental', 'execution.checkpointing.incremental'],
  ['state.checkpoints.num-retained', 'execution.checkpointing.num-retained'],
  ['state.checkpoint-storage', 'execution.checkpointing.storage'],
  ['state.backend.local-recovery', 'execution.state-recovery.from-local'],
  ['state.backend', 'state.backend.type'],
]);

/** What values a key takes: a kind, or the values themselves. */
type Kind = 'duration' | 'boolean' | 'count' | 'text' | Range | readonly string[];

/** Whole numbers, both bounds included. */
interface Range {
  readonly from: number;
  readonly to: number;
}

const KEYS: Readonly<Record<string, Kind>> = {
  'execution.attached': 'boolean',
  'execution.checkpointing.dir': 'text',
  'execution.checkpointing.externalized-checkpoint-retention': ['DELETE_ON_CANCELLATION', 'RETAIN_ON_CANCELLATION', 'NO_EXTERNALIZED_CHECKPOINTS'],
  'execution.checkpointing.incremental': 'boolean',
  'execution.checkpointing.interval': 'duration',
  'execution.checkpointing.interval-during-backlog': 'duration',
  'execution.checkpointing.max-concurrent-checkpoints': 'count',
  'execution.checkpointing.min-pause': 'duration',
  'execution.checkpointing.mode': ['EXACTLY_ONCE', 'AT_LEAST_ONCE'],
  'execution.checkpointing.num-retained': 'count',
  'execution.checkpointing.savepoint-dir': 'text',
  'execution.checkpointing.storage': 'text',
  'execution.checkpointing.timeout': 'duration',
  'execution.checkpointing.tolerable-failed-checkpoints': 'count',
  'execution.checkpointing.unaligned.enabled': 'boolean',
  // As in Flink's Table API, which refuses AUTOMATIC.
  'execution.runtime-mode': ['STREAMING', 'BATCH'],
  'execution.state-recovery.claim-mode': ['CLAIM', 'NO_CLAIM', 'LEGACY'],
  'execution.state-recovery.from-local': 'boolean',
  'execution.state-recovery.ignore-unclaimed-state': 'boolean',
  'execution.state-recovery.path': 'text',
  'execution.target': 'text',
  'parallelism.default': 'count',
  'pipeline.auto-watermark-interval': 'duration',
  'pipeline.max-parallelism': 'count',
  'pipeline.name': 'text',
  'pipeline.object-reuse': 'boolean',
  'pipeline.operator-chaining.enabled': 'boolean',
  'sluice.restore.partition-watermarks': ['KEEP', 'RESET'],
  'sluice.data-loss-policy': ['FAIL', 'CONTINUE'],
  'sluice.function-timeout': 'duration',
  'sluice.gap-policy': ['VERIFY', 'STRICT', 'TRUST'],
  'sluice.idle-with-lag-timeout': 'duration',
  'sluice.dead-letter-table': 'text',
  'sluice.on-record-error': ['FAIL', 'SKIP', 'DLQ'],
  'sluice.watermark.max-future': 'duration',
  'sluice.topic-identity': ['TOPIC_ID', 'OFFSETS_ONLY'],
  // The bounds of Lambda's event source mappings.
  'sluice.batch-size': { from: 1, to: 10_000 },
  'sluice.batch-window-seconds': { from: 0, to: 300 },
  'sluice.savepoint.compression': ['GZIP', 'ZSTD', 'NONE'],
  'sql-client.display.max-column-width': 'count',
  'sql-client.display.color-schema': 'text',
  'sql-client.execution.max-table-result.rows': 'count',
  'sql-client.execution.result-mode': ['TABLE', 'CHANGELOG', 'TABLEAU'],
  'sql-client.verbose': 'boolean',
  'state.backend.type': 'text',
  'table.display.max-column-width': 'count',
  'table.dml-sync': 'boolean',
  'table.exec.emit.allow-lateness': 'duration',
  'table.exec.emit.early-fire.delay': 'duration',
  'table.exec.emit.early-fire.enabled': 'boolean',
  'table.exec.emit.late-fire.delay': 'duration',
  'table.exec.emit.late-fire.enabled': 'boolean',
  'table.exec.mini-batch.allow-latency': 'duration',
  'table.exec.mini-batch.enabled': 'boolean',
  'table.exec.mini-batch.size': 'count',
  'table.exec.resource.default-parallelism': 'text',
  'table.exec.sink.not-null-enforcer': ['ERROR', 'DROP'],
  // Flink's TRIM_PAD would change values: CAST does so where it is wanted.
  'table.exec.sink.type-length-enforcer': ['IGNORE'],
  'table.exec.source.idle-timeout': 'duration',
  'table.exec.state.ttl': 'duration',
  'table.local-time-zone': 'text',
};

/** Groups of Flink's keys in which Sluice has no say: their options are kept, but have no effect. */
const GROUPS = ['client.', 'execution.', 'parallelism.', 'pipeline.', 'restart-strategy', 'rest.', 'sql-client.', 'state.', 'table.', 'taskmanager.', 'jobmanager.'];

/** The keys whose values are checked, for completion. */
export const SESSION_KEYS: readonly string[] = Object.keys(KEYS);

/** The values that a key takes, if they can be counted. */
export function sessionValues(key: string): readonly string[] {
  const kind = Object.hasOwn(KEYS, currentKey(key)) ? KEYS[currentKey(key)] : undefined;
  if (kind === 'boolean') return ['true', 'false'];
  return typeof kind === 'object' && !isRange(kind) ? kind.map((value) => value.toLowerCase()) : [];
}

/** The name that Flink has for a key today. */
export const currentKey = (key: string): string => RENAMED.get(key) ?? key;

/** True for a key whose value is checked: others of Flink's are kept, but have no effect. */
export const isSessionOption = (key: string): boolean => Object.hasOwn(KEYS, currentKey(key));

/** The options with today's keys. Throws OPTION_INVALID for an unknown key or a wrong value. */
export function checkSessionOptions(options: Options): Options {
  return Object.fromEntries(Object.entries(options).map(([key, value]) => [currentKey(key), checkSessionOption(key, value)]));
}

/** Checks what `SET 'key' = 'value'` would put in force, and gives the value back. */
export function checkSessionOption(key: string, value: string): string {
  const kind = Object.hasOwn(KEYS, currentKey(key)) ? KEYS[currentKey(key)] : undefined;
  if (kind === undefined) return checkUnknown(key, value);
  const refused = currentKey(key) === 'table.local-time-zone' ? refusedZone(value) : null;
  if (refused !== null) throw new SluiceError('OPTION_INVALID', { message: refused, details: { value } });
  if (!fits(kind, value)) {
    throw new SluiceError('OPTION_INVALID', { message: `'${key}' takes ${kindText(kind)}, not '${value}'` });
  }
  return value;
}

function checkUnknown(key: string, value: string): string {
  const near = nearest(key, [...Object.keys(KEYS), ...RENAMED.keys()]);
  if (near === undefined && GROUPS.some((group) => key.startsWith(group))) return value;
  const hint = near === undefined ? 'SET lists the options in force.' : `Did you mean '${near}'?`;
  throw new SluiceError('OPTION_INVALID', { message: `'${key}' is not an option of a session`, hint });
}

function fits(kind: Kind, value: string): boolean {
  if (kind === 'duration') return parseDuration(value) !== null;
  if (kind === 'boolean') return /^(true|false)$/i.test(value);
  if (kind === 'count') return /^-?\d{1,15}$/.test(value);
  if (isRange(kind)) return /^\d{1,6}$/.test(value) && Number(value) >= kind.from && Number(value) <= kind.to;
  return kind === 'text' || kind.includes(value.toUpperCase().replaceAll('-', '_'));
}

const isRange = (kind: Kind): kind is Range => typeof kind === 'object' && 'from' in kind;

function kindText(kind: Kind): string {
  if (isRange(kind)) return `a whole number from ${kind.from} to ${kind.to}`;
  if (kind === 'duration') return "a duration such as '10 s' or '1 min'";
  if (kind === 'boolean') return 'true or false';
  return kind === 'count' ? 'an integer' : `one of ${typeof kind === 'string' ? kind : kind.join(', ')}`;
}

/** Milliseconds of a duration option, undefined if it is not set. */
export function sessionDuration(options: Options, key: string): number | undefined {
  const value = options[key];
  return value === undefined ? undefined : (parseDuration(value) ?? undefined);
}
