/** NOT NULL columns of sinks: what is checked, and what becomes of a row that breaks one. */
import { describe, expect, it } from 'vitest';
import { isError } from '../../lib/core/errors.ts';
import { isKind, type Plan } from '../../lib/core/plan.ts';
import { Stack } from '../engine/stack.ts';
import { planOf, TUMBLE } from './plan-support.ts';

const calls = (plan: Plan): string[] => plan.nodes.filter(isKind('calc')).flatMap(({ project }) => project.flatMap((e) => (e.op === 'call' ? [e.fn] : [])));

const DROP = { 'table.exec.sink.not-null-enforcer': 'DROP' };

describe('a NOT NULL column of a sink', () => {
  it('is checked where the value may be NULL, and for what a record gives always', () => {
    expect(calls(planOf('SELECT id FROM events', { sink: ['id STRING NOT NULL'] }))).toEqual(['ENFORCE NOT NULL']);
    expect(calls(planOf('SELECT total FROM events', { sink: ['total BIGINT NOT NULL'] }))).toEqual(['ENFORCE NOT NULL']);
    expect(calls(planOf("SELECT COALESCE(id, '') FROM events", { sink: ['id STRING NOT NULL'] }))).toEqual(['COALESCE']);
    expect(calls(planOf(`SELECT COUNT(*) FROM ${TUMBLE} GROUP BY window_start, window_end`, { sink: ['n BIGINT NOT NULL'] }))).toEqual([]);
    expect(calls(planOf('SELECT id FROM events', { sink: ['id STRING'] }))).toEqual([]);
  });

  it('fails the record by default, in the words of Flink', async () => {
    const stack = await Stack.create({ plan: planOf('SELECT id FROM events', { sink: ['id STRING NOT NULL'] }) });
    stack.stores.source.produce('events', ['{"id": "a", "ts": "2026-01-01 00:00:00"}', '{"id": null, "ts": "2026-01-01 00:00:00"}']);
    const commit = stack.deliver(stack.writer());
    await expect(commit).rejects.toSatisfy((error) => isError(error, 'EXPRESSION_FAILED') && error.message.includes("Column 'id' is NOT NULL, however, a null value is being written into it."));
    expect((await stack.partition()).at(-1)).toMatchObject({ records: 1 });
  });

  it('leaves the row out with DROP, beside every other condition', async () => {
    const plan = planOf("SELECT id, kind FROM events WHERE kind <> 'x'", { sink: ['id STRING NOT NULL', 'kind STRING'], options: DROP });
    const stack = await Stack.create({ plan });
    stack.stores.source.produce('events', ['a y', ' y', 'b x', 'c y'].map((text) => JSON.stringify({ id: text.split(' ')[0] || null, kind: text.split(' ')[1], ts: '2026-01-01 00:00:00' })));
    await stack.deliver(stack.writer());
    await stack.firer().step();
    expect(stack.stores.sinks.rows('default_catalog.default_database.target')).toEqual([['a', 'y'], ['c', 'y']]);
  });
});
