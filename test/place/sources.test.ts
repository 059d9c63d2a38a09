/** What tables read besides topics is refused where functions are to read it, before anything is written. */
import { expect, test } from 'vitest';
import { requireTopics } from '../../lib/place/sources.ts';
import { planJob } from '../../lib/sql/plan-script.ts';

const planOver = (options: string) =>
  planJob([{ name: 'test', text: `CREATE TABLE f (id INT) WITH (${options}); CREATE TABLE o (id INT) WITH ('connector' = 'print'); INSERT INTO o SELECT id FROM f` }], { warehouse: '/w', resolvePath: (path) => path }).plan;

test.each(["'connector' = 'datagen'", "'connector' = 'filesystem', 'path' = '/in', 'format' = 'json'"])('%s', (options) => {
  expect(() => requireTopics(planOver(options))).toThrow(/cannot be read here: nothing delivers its rows to functions/);
});

test('topics are read', () => {
  expect(() => requireTopics(planOver("'connector' = 'kafka', 'topic' = 't', 'properties.bootstrap.servers' = 'k:1', 'format' = 'json'"))).not.toThrow();
});
