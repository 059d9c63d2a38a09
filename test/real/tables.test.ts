/**
 * Tables in S3 and DynamoDB on real servers: the laws of sinks, and two emitters that are killed again and again while they write the same FIREs.
 * `SEED=n` repeats the choices, not the moments.
 */
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openFilesystemSink } from '../../lib/adapters/filesystem/open.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { runQuery } from '../../lib/control/query.ts';
import type { SinkNode } from '../../lib/core/plan.ts';
import { DEFAULT_PARTITION, MANIFESTS, tableFormatOf } from '../../lib/core/table-files.ts';
import type { Row } from '../../lib/core/types.ts';
import { openDirectory } from '../../lib/place/directories.ts';
import { dynamoSinkLaws, sinkTable } from '../adapters/dynamodb-sink-laws.ts';
import { sinkUnderFaults } from '../contracts/faults/sink.ts';
import { sinkContract, sinkNode, type SinkWorld } from '../contracts/sink.ts';
import { textsIn } from '../adapters/table-reader.ts';
import { Prng } from '../simulation/prng.ts';
import { servers } from './servers.ts';
import { emitAll } from './tables/emitters.ts';
import { COLUMNS, JOB, lastWriters, rowsOf } from './tables/rows.ts';

const SEED = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9));
const FIRES = 100;
/** DynamoDB Local takes some hundred puts in a second. */
const PUT_FIRES = 40;
const KILLS = 12;

const bucket = `sluice-${randomBytes(6).toString('hex')}`;
const addressOf = (name: string): string => `s3://${bucket}/${name}-${randomBytes(4).toString('hex')}?endpoint=${servers.s3}&region=us-east-1`;

beforeAll(async () => {
  const client = new S3Client({ endpoint: servers.s3, region: 'us-east-1', forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
});

describe('files in S3', () => {
  const world = (): SinkWorld => {
    const options = { path: addressOf('laws'), format: 'csv' };
    const blob = openDirectory(options.path, nodeRuntime);
    return {
      open: (job) => openFilesystemSink({ job, node: sinkNode('filesystem', options), openDirectory: () => openDirectory(options.path, nodeRuntime) }),
      effects: async () => (await textsIn(blob, tableFormatOf(options))).flatMap((text) => text.trimEnd().split('\n')),
    };
  };
  sinkContract('files in S3 (real server)', world, {
    'X2: an emission whose predecessor has not taken effect is refused': 'files have no position to compare with',
    'X3: after a fence nothing of an older generation takes effect': 'a bucket has no fence',
    'X3: a fence returns the newest position that took effect, and can be repeated': 'a bucket has no fence',
  });
  sinkUnderFaults('files in S3 (real server)', world, {
    'X3: of the old generation nothing takes effect behind a fence, however late it lands; the new one goes on at its answer': 'a bucket has no fence',
  });

  /** Every row that the table holds, as queries see it. */
  async function rowsIn({ options, partitionedBy = [] }: SinkNode): Promise<readonly Row[]> {
    const current = { catalog: 'c', database: 'd' };
    const { path = '' } = options;
    const table = { ...current, name: 't', columns: COLUMNS, directory: path, format: tableFormatOf(options), partitionedBy, nullName: DEFAULT_PARTITION };
    const scope = { databases: [current], tables: [table], current, openDirectory: (url: string) => openDirectory(url, nodeRuntime), access: 'tables' } as const;
    return (await runQuery('SELECT * FROM t ORDER BY f, k', scope)).rows;
  }

  const sorted = (rows: readonly Row[]): readonly string[] => rows.map((row) => row.join('|')).toSorted();

  test.each([['json', []], ['csv', ['part']], ['parquet', ['part']]])('%s partitioned by %j: every row of every FIRE once, whoever was killed', { timeout: 300_000 }, async (format, partitionedBy) => {
    const node = { ...sinkNode('filesystem', { path: addressOf(format), format }), columns: COLUMNS, partitionedBy };
    const killed = await emitAll({ node, fires: FIRES, kills: KILLS, prng: new Prng(SEED) });
    console.log(`${format}: ${killed} emitters killed, seed ${SEED}`);
    expect(killed).toBeGreaterThan(KILLS / 2);
    expect(sorted(await rowsIn(node))).toEqual(sorted(Array.from({ length: FIRES }, (_, i) => rowsOf(i + 1)).flat()));
    const manifests = await openDirectory(node.options['path'] ?? '', nodeRuntime).list(MANIFESTS, { after: '', limit: 1000 });
    expect(manifests).toHaveLength(partitionedBy.length === 0 ? 0 : FIRES);
  });
});

describe('DynamoDB', () => {
  dynamoSinkLaws('DynamoDB (real server)', () => sinkTable(servers.dynamodb));

  test('every key has the row of the last FIRE that wrote it, whoever was killed', { timeout: 300_000 }, async () => {
    const table = await sinkTable(servers.dynamodb, { columns: COLUMNS, primaryKey: ['k'], key: [['k', 'S']] });
    onTestFinished(() => table.close());
    const killed = await emitAll({ node: table.node, fires: PUT_FIRES, kills: KILLS, prng: new Prng(SEED) });
    console.log(`DynamoDB: ${killed} emitters killed, seed ${SEED}`);
    expect(killed).toBeGreaterThan(KILLS / 2);
    const items = await table.items();
    expect(Object.fromEntries(items.map((item) => [item['k']?.S, Number(item['f']?.N)]))).toEqual(lastWriters(PUT_FIRES));
    expect(items.every((item) => item['sluice_job']?.S === JOB && item['sluice_ver']?.N === item['f']?.N)).toBe(true);
  });
});
