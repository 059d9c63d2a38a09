/** The job that is disturbed, and what its rows must be. */
import { DuckDBInstance } from '@duckdb/node-api';
import { openTableCatalog } from '../../../lib/cli/scripts.ts';
import { SqlSession } from '../../../lib/control/session.ts';
import { partitionId, type JobId } from '../../../lib/core/numbers.ts';
import { partitionLog } from '../../../lib/engine/keys.ts';
import { readControl, type Workshop } from '../../../lib/engine/lifecycle/job-control.ts';
import { PARTITIONS } from './events.ts';

const sql = (topic: string, out: string): string => `
SET 'execution.checkpointing.interval' = '2s';
CREATE TABLE events (
  event_id STRING, user_id STRING, event_type STRING, amount BIGINT, event_time TIMESTAMP(3),
  WATERMARK FOR event_time AS event_time - INTERVAL '5' SECOND
) WITH ('connector' = 'kafka', 'topic' = '${topic}', 'properties.bootstrap.servers' = 'kafka:29092', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601');
CREATE TABLE counts (window_start TIMESTAMP(3), event_type STRING, event_count BIGINT, total BIGINT) WITH ('connector' = 'filesystem', 'path' = '${out}', 'format' = 'json');
INSERT INTO counts
SELECT window_start, event_type, COUNT(*), SUM(amount)
FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(event_time), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, event_type;
`;

export async function startJob(workshop: Workshop, topic: string, out: string): Promise<JobId> {
  const session = new SqlSession({ workshop, openTableCatalog, warehouse: out, resolvePath: (path) => path });
  for await (const result of session.run(sql(topic, out))) if (result.kind === 'job' && result.job !== null) return result.job;
  throw new Error('the statements create a job');
}

/** The rows that the records of a file make, as `rowsOf` writes them. */
export async function groupBy(file: string): Promise<string[]> {
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '2', memory_limit: '1GB' })).connect();
  const result = await connection.runAndReadAll(
    `SELECT strftime(time_bucket(INTERVAL 1 MINUTE, event_time), '%Y-%m-%dT%H:%M:%S') || '|' || event_type || '|' || count(*) || '|' || sum(amount)
     FROM read_json('${file}', format = 'newline_delimited', columns = {event_type: 'VARCHAR', amount: 'BIGINT', event_time: 'TIMESTAMP'})
     GROUP BY time_bucket(INTERVAL 1 MINUTE, event_time), event_type`,
  );
  connection.closeSync();
  return result.getRows().map((row) => String(row[0])).sort();
}

/** Records that the job's generation of now has committed, by partition. */
export async function committed({ ports }: Workshop, id: JobId): Promise<readonly number[]> {
  const { control } = await readControl(ports, id);
  const heads = await Promise.all(Array.from({ length: PARTITIONS }, (_, n) => ports.log.head(partitionLog(id, control.gen, partitionId(0, 0, n)))));
  return heads.map((head) => (head === null ? 0 : Math.max(0, Number(JSON.parse(head.body.slice(16)).next))));
}
