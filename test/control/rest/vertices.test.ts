/** The plan of a job as vertices: what has no state belongs to what it feeds. */
import { expect, test } from 'vitest';
import { nodeCodec } from '../../../lib/adapters/node/codec.ts';
import { verticesOf } from '../../../lib/control/rest/jobmanager/vertices.ts';
import { planScript } from '../../../lib/sql/plan-script.ts';

const KAFKA = "'connector' = 'kafka', 'properties.bootstrap.servers' = 'k:1', 'scan.startup.mode' = 'earliest-offset', 'format' = 'json'";
const source = (name: string): string => `CREATE TABLE ${name} (id INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH (${KAFKA}, 'topic' = '${name}');`;
const sink = (name: string): string => `CREATE TABLE ${name} (n BIGINT) WITH ('connector' = 'blackhole');`;

/** `a -> b` for each input. */
function edgesOf(script: string): string[] {
  const vertices = verticesOf(planScript(script, { warehouse: '/w', resolvePath: (path) => path }), nodeCodec);
  const short = (id: string): string => vertices.find((one) => one.id === id)?.name.replace(/^.*\.|\[.*\]$/g, '') ?? 'nothing';
  expect(new Set(vertices.map(({ id }) => id)).size).toBe(vertices.length);
  for (const { id } of vertices) expect(id).toMatch(/^[0-9a-f]{32}$/);
  return vertices.flatMap(({ id, inputs }) => inputs.map((input) => `${short(input)} -> ${short(id)}`)).sort();
}

test('a union of two sources, counted', () => {
  const counted = 'SELECT COUNT(*) FROM TABLE(TUMBLE(TABLE events, DESCRIPTOR(ts), INTERVAL \'1\' MINUTE)) GROUP BY window_start, window_end';
  const script = `${source('a')} ${source('b')} ${sink('counts')} CREATE VIEW events AS SELECT id, ts FROM a WHERE id > 1 UNION ALL SELECT id, ts FROM b; INSERT INTO counts ${counted};`;
  expect(edgesOf(script)).toEqual(['WindowAggregate -> counts', 'a -> WindowAggregate', 'b -> WindowAggregate']);
});

test('one source and two sinks, with nothing that keeps state', () => {
  const script = `${source('a')} ${sink('x')} ${sink('y')} EXECUTE STATEMENT SET BEGIN INSERT INTO x SELECT CAST(id AS BIGINT) FROM a; INSERT INTO y SELECT CAST(id AS BIGINT) FROM a WHERE id = 2; END;`;
  expect(edgesOf(script)).toEqual(['a -> x', 'a -> y']);
});
