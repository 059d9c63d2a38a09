/** The change of a table that keeps older generations out (X3). */
import type { Generation } from '../../core/numbers.ts';
import type { Runtime } from '../../ports/runtime.ts';
import { fenceKey, type SinkIdentity } from './commit.ts';
import { newSnapshotId } from './staging.ts';
import type { Change } from './table-commit.ts';

/**
 * A snapshot without files, so that an older emission that has loaded the table already finds the branch moved: catalogs compare the branch, not
 * the properties.
 */
export function fenceChange(runtime: Pick<Runtime, 'randomHex'>, identity: SinkIdentity, g: Generation): Change {
  const { job, uid } = identity;
  const summary = { 'sluice.job': job, 'sluice.sink': uid, 'sluice.fence': String(g) };
  return { snapshotId: newSnapshotId(runtime), manifest: null, summary, properties: { [fenceKey(identity)]: String(g) } };
}
