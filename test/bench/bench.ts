/**
 * `npm run bench [-- --records N]`: what one core does with the lab's query. Flink's figures are those of Apache Flink 2.1.3 on the
 * same query and this kind of machine; compare ratios, not absolute numbers, across machines.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openEmbedded } from '../../lib/place/embedded.ts';
import { writeEvents } from './events.ts';
import { benchLambdaBatch } from './lambda-batch.ts';

const { values } = parseArgs({ options: { records: { type: 'string', default: '5000000' } } });
const records = Number(values.records);

/** A topic of events in a fresh directory, and a script run on it in a process of its own. */
async function onTopic(keys: number, count: number, script: string, args: (dir: string) => string[]): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  try {
    const ports = openEmbedded(dir, { create: true });
    await ports.topics.createTopic('events', 1);
    ports.close();
    writeEvents(join(dir, 'topics/events/0.jsonl'), count, { keys, ratePerS: 10_000 });
    process.stdout.write(execFileSync(process.execPath, [join(import.meta.dirname, script), ...args(dir)], { encoding: 'utf8' }));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** A script in a process of its own, with a directory behind its arguments. */
function inDirectory(script: string, ...args: readonly string[]): void {
  const dir = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  try {
    process.stdout.write(execFileSync(process.execPath, [join(import.meta.dirname, script), ...args, dir], { encoding: 'utf8' }));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

console.log(`(a) Lambda event of 10,000 records -> entry (aim: 1.5 M per CPU s)`);
await benchLambdaBatch();
console.log(`(b) embedded topic of ${records} records end to end (aim: 1.0 M and 0.5 M per CPU s, 512 MB; Flink: 0.375 M and 0.215 M, 1.8 and 2.2 GB)`);
for (const keys of [10, 100_000]) await onTopic(keys, records, 'end-to-end.ts', (dir) => [String(keys), String(records), dir]);
console.log('(c) savepoint and resume (Flink: take 0.14 s and 1.3 s, 13 and 134 MB; restore 1.7 s and 13 s)');
for (const keys of [100_000, 1_000_000]) await onTopic(keys, keys, 'savepoint-bench.ts', (dir) => [String(keys), dir]);
console.log('(d) FIREs into an Iceberg table in a directory (aim: 0.2 M/s, 512 MB)');
for (const [rows, chars] of [[1, 0], [10_000, 0], [1_000_000, 0], [500_000, 400]]) inDirectory('iceberg-bench.ts', String(rows), String(chars));
process.stdout.write(execFileSync(process.execPath, [join(import.meta.dirname, 'windows-bench.ts')], { encoding: 'utf8' }));
console.log('(f) a ValueState that is read and updated per event, writer and firer with CHECKPOINTs');
for (const runsIn of ['firer', 'writer']) {
  for (const keys of [1000, 100_000, 1_000_000]) process.stdout.write(execFileSync(process.execPath, [join(import.meta.dirname, 'state-bench.ts'), String(keys), runsIn], { encoding: 'utf8' }));
}
console.log('(g) what that asks of DynamoDB and S3, against an item that is written per event');
process.stdout.write(execFileSync(process.execPath, [join(import.meta.dirname, 'state-cost.ts')], { encoding: 'utf8' }));
console.log('(h) very many timers of one key');
process.stdout.write(execFileSync(process.execPath, [join(import.meta.dirname, 'timers-bench.ts')], { encoding: 'utf8' }));
