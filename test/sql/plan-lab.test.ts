import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compileDataflow } from '../../lib/core/dataflow.ts';
import type { Plan } from '../../lib/core/plan.ts';
import { changeCatalogs } from '../../lib/sql/catalog-change.ts';
import { newCatalog, newCatalogs, type Catalogs } from '../../lib/sql/catalog.ts';
import { parseScript } from '../../lib/sql/parse.ts';
import { planContext } from '../../lib/sql/plan-catalog.ts';
import { planInsert } from '../../lib/sql/plan.ts';

const LAB = readFileSync(new URL('../../lib/cli/lab/1-job.sql', import.meta.url), 'utf8');

/** Runs the statements of a script; the plans of its INSERTs come back. */
function plansOf(script: string): Plan[] {
  let catalogs: Catalogs = newCatalogs([newCatalog('iceberg_catalog', 'filesystem', 'default')]);
  const options: Record<string, string> = {};
  const plans: Plan[] = [];
  for (const statement of parseScript(script)) {
    switch (statement.kind) {
      case 'insert':
        plans.push(planInsert(statement, planContext(catalogs, statement.source, { warehouse: '/data/warehouse', resolvePath: (path) => path }, options)));
        break;
      case 'set':
        if (statement.option !== null) options[statement.option.key.value] = statement.option.value.value;
        break;
      case 'create-database':
      case 'create-table':
      case 'use-catalog':
      case 'use-database':
        catalogs = changeCatalogs(catalogs, statement);
        break;
      default:
        throw new Error(`the script has no ${statement.kind}`);
    }
  }
  return plans;
}

describe('the lab', () => {
  const [plan] = plansOf(LAB);

  it('is planned from its script', () => {
    expect(plan?.name).toBe('insert-into_iceberg_catalog.demo.savepoint_test');
    expect(plan?.options).toEqual({ 'execution.checkpointing.interval': '10s' });
    expect(plan?.nodes).toMatchObject([
      { kind: 'source', uid: 'source-kafka_savepoint_events', topics: ['savepoint-events'], startup: { kind: 'earliest-offset' }, eventTime: { column: 1 } },
      { kind: 'window-aggregate', input: 'source-kafka_savepoint_events', keys: [0], timeColumn: 1 },
      { kind: 'calc' },
      { kind: 'sink', connector: 'filesystem', options: { path: '/data/warehouse/iceberg_catalog/demo/savepoint_test', format: 'json' } },
    ]);
  });

  it('can be run, and survives its way through JSON', () => {
    expect(compileDataflow(JSON.parse(JSON.stringify(plan))).sources).toHaveLength(1);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });

  it('has the uids that its savepoints were written with, and reads values alone', () => {
    expect(plan?.nodes.slice(0, 2).map(({ uid }) => uid)).toEqual(['source-kafka_savepoint_events', 'tumble-event_type-d7dc8b4f6e72']);
    expect(['key', 'metadata', 'bounded', 'emitStrategy'].filter((name) => name in (plan?.nodes[0] ?? {}))).toEqual([]);
  });

  it('keeps the uid of its state when the statement is written differently', () => {
    const uids = ({ nodes }: Plan) => nodes.filter(({ kind }) => kind !== 'calc').map(({ uid }) => uid);
    const [other] = plansOf(LAB.replace('event_id STRING,', '').replace('COUNT(*) as event_count', 'COUNT(*) AS n').replaceAll('    ', ' '));
    expect(other && uids(other)).toEqual(plan && uids(plan));
  });
});
