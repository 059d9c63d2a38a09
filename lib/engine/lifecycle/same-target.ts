/**
 * Pending rows and sinks without a fence (F14): such a sink may have a part of the rows already, under names that its options decide. Written with other
 * options they would get other names, and be there twice.
 */
import { SluiceError } from '../../core/errors.ts';
import { sinksOf, type Plan, type SinkNode } from '../../core/plan.ts';
import { canonicalJson } from '../../savepoint/canonical-json.ts';
import type { SavepointHead } from '../../savepoint/metadata.ts';

/** Throws STATE_INCOMPATIBLE where `plan` would write pending rows of `base` to another place, or in another form. Sinks that are gone are not looked at. */
export function requireSameTargets(base: Pick<SavepointHead, 'sinks' | 'plan'>, plan: Plan): void {
  const sinkOf = (of: Plan, uid: string): SinkNode | undefined => sinksOf(of).find((sink) => sink.uid === uid);
  const moved = base.sinks.flatMap(({ uid, pending }) => {
    const [before, after] = [sinkOf(base.plan, uid), sinkOf(plan, uid)];
    return !pending || before === undefined || after === undefined || sameTarget(before, after) ? [] : [uid];
  });
  if (moved.length === 0) return;
  throw new SluiceError('STATE_INCOMPATIBLE', {
    message: `the state holds rows that sink ${moved.join(', ')} had not confirmed, and the plan would write them to another place or in another form`,
    hint: 'resume with the old statement until the rows are written, and change the table then',
    details: { moved },
  });
}

/** Whether a repetition finds what was written before. */
const sameTarget = (a: SinkNode, b: SinkNode): boolean => canonicalJson(targetOf(a)) === canonicalJson(targetOf(b));

const FILE_OPTIONS = /^(path|format|partition\.default-name|sink\.rolling-policy\.file-size|(csv|json|parquet)\..*)$/;
const ITEM_OPTIONS = /^(table-name|aws\.region|aws\.endpoint)$/;

/** Sinks with a fence know what they have; those of topics know it under a name, for a topic of a cluster. */
function targetOf({ connector, columns, partitionedBy = [], primaryKey = [], options, records }: SinkNode): unknown {
  const chosen = (names: RegExp): unknown => Object.fromEntries(Object.entries(options).filter(([name]) => names.test(name)));
  if (connector === 'filesystem') return { connector, partitionedBy, columns: columns.map(({ name }) => name), options: chosen(FILE_OPTIONS) };
  if (connector === 'dynamodb') return { connector, primaryKey, options: chosen(ITEM_OPTIONS) };
  if (records !== undefined) return { connector, topic: records.topic, brokers: records.properties['bootstrap.servers'] ?? null, prefix: records.transactionalIdPrefix, guarantee: records.guarantee };
  return { connector };
}
