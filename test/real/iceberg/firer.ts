/**
 * `node firer.ts OPTIONS ACKS`: a process that emits FIREs 1 to 200 into the table `db.t` of a catalog, each until it is confirmed, from the first one
 * that has no file in ACKS on. It is killed at any moment, and others like it run at the same time.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { IcebergSink } from '../../../lib/adapters/iceberg/sink.ts';
import { nodeRuntime } from '../../../lib/adapters/node/runtime.ts';
import { isError } from '../../../lib/core/errors.ts';
import { openIceberg } from '../../../lib/place/iceberg.ts';
import { emission, sinkNode } from '../../contracts/sink.ts';
import { JOB } from '../../iceberg/all-types.ts';
import { TABLE } from '../../iceberg/world.ts';
import { FIRES, predecessor, valuesAt } from './fires.ts';

const [, , options = '{}', acks = ''] = process.argv;
const { catalog, io } = openIceberg(JSON.parse(options), nodeRuntime);
const sink = new IcebergSink({ job: JOB, node: sinkNode('iceberg', {}), id: TABLE, catalog, io, runtime: nodeRuntime });
const ackOf = (f: number): string => join(acks, String(f));

process.stdout.on('error', () => {}); // The test may be gone.
process.stdout.write('ready\n');
let f = 1;
while (f <= FIRES) {
  if (existsSync(ackOf(f))) {
    f++;
    continue;
  }
  try {
    await sink.emit(emission(0, f, predecessor(f), valuesAt(f)));
    writeFileSync(ackOf(f), '');
  } catch (error) {
    if (!isError(error, 'SINK_UNAVAILABLE')) throw error;
  }
}
