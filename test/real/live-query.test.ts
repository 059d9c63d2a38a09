/** A SELECT in streaming mode over a topic of a real Kafka: two partitions, more records than a turn reads, and nothing that is left there. */
import { expect, onTestFinished, test } from 'vitest';
import { place } from '../cli/sluice.ts';
import { broker, fresh, opened } from './kafka-world.ts';

const state = broker();

const RECORDS = 20_000;

test('the changelog of a GROUP BY to the present end of a topic, read without a consumer group', async () => {
  const { bootstrap, tool } = state.kafka;
  const kafka = opened({ 'bootstrap.servers': bootstrap });
  onTestFinished(() => kafka.close());
  const topic = fresh('live');
  await kafka.admin.createTopic(topic, 2);
  for (const partition of [0, 1]) await kafka.produce(topic, Array.from({ length: RECORDS / 2 }, (_, i) => ({ value: JSON.stringify({ kind: `k${i % 3}`, n: 1 }) })), { partition });

  const table = `CREATE TABLE events (kind STRING, n INT) WITH ('connector' = 'kafka', 'topic' = '${topic}', 'properties.bootstrap.servers' = '${bootstrap}', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json');`;
  const query = `SELECT kind, SUM(n) AS total FROM events /*+ OPTIONS('scan.bounded.mode' = 'latest-offset') */ GROUP BY kind`;
  const { out, err } = await place().sluice('--kafka', bootstrap, 'sql', '--json', '-e', table + query);
  expect(err).toBe('');
  const changes = out.split('\n').map((line): { op: string; kind: string; total: number } => JSON.parse(line));
  expect(changes).toHaveLength(2 * RECORDS - 3);
  const totals = new Map(changes.filter(({ op }) => op !== '-U').map(({ kind, total }) => [kind, total]));
  expect([...totals.values()].reduce((sum, total) => sum + total, 0)).toBe(RECORDS);
  expect(await tool('org.apache.kafka.tools.consumer.group.ConsumerGroupCommand', ['--bootstrap-server', bootstrap, '--list'])).toBe('');
});
