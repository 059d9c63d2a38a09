import { describe, expect, it } from 'vitest';
import { sinksOf } from '../../lib/core/plan.ts';
import { explainPlan } from '../../lib/sql/explain.ts';
import { planOf, refusalOf, type Setting } from './plan-support.ts';

const DLQ = { 'sluice.on-record-error': 'dlq', 'sluice.dead-letter-table': 'c.d.dead' };
const SCHEMA = ['topic STRING', 'partition INT', 'offset BIGINT', 'key BYTES', 'value BYTES', 'error STRING', 'job STRING', 'at TIMESTAMP_LTZ(3)'];
const FILES = { connector: 'filesystem', path: '/dead', format: 'json' };

const setting = (columns: readonly string[], options: Record<string, string> = DLQ): Setting => ({
  sink: ['id STRING'],
  options,
  tables: { dead: { columns, options: FILES } },
});

const plan = (columns = SCHEMA, options?: Record<string, string>) => planOf('SELECT id FROM events', setting(columns, options));
const refusal = (columns: readonly string[], options?: Record<string, string>): string => refusalOf('SELECT id FROM events', setting(columns, options));
const changed = (name: string, column: string): string[] => SCHEMA.map((text) => (text.startsWith(`${name} `) ? column : text));

describe('a dead-letter table', () => {
  it('is a sink of its own, behind all that the plan has without it', () => {
    const without = plan(SCHEMA, {});
    expect(plan().nodes.slice(0, without.nodes.length)).toEqual(without.nodes);
    expect(plan().nodes.slice(without.nodes.length).map(({ kind, uid }) => `${kind} ${uid}`)).toEqual(['failed-records failed-records', 'calc calc-dead-letters-dead', 'sink dead-letters-dead']);
    expect(sinksOf(plan()).map(({ uid }) => uid)).toEqual(['sink-target', 'dead-letters-dead']);
  });

  it('has a uid of its name: rows that wait for one table are not those of another', () => {
    const tables = { bad: { columns: SCHEMA, options: FILES } };
    const other = planOf('SELECT id FROM events', { ...setting(SCHEMA, { ...DLQ, 'sluice.dead-letter-table': 'c.d.bad' }), tables });
    expect(sinksOf(other).map(({ uid }) => uid)).toEqual(['sink-target', 'dead-letters-bad']);
  });

  it('is in EXPLAIN', () => {
    expect(explainPlan(plan())).toContain('Records that fail  [uid failed-records]');
  });

  it('has its columns in any order, bytes as text, finer times, and NULL in others', () => {
    const columns = ['at TIMESTAMP_LTZ(6)', 'day STRING', ...changed('value', 'value STRING').filter((text) => !text.startsWith('at '))];
    const calc = plan(columns).nodes.find(({ uid }) => uid === 'calc-dead-letters-dead');
    expect(calc).toMatchObject({
      project: [
        { op: 'call', fn: 'CAST', args: [{ op: 'column', index: 7 }] },
        { op: 'literal', value: null },
        { op: 'column', index: 0 },
        { op: 'column', index: 1 },
        { op: 'column', index: 2 },
        { op: 'column', index: 3 },
        { op: 'call', fn: 'CAST', args: [{ op: 'column', index: 4 }] },
        { op: 'column', index: 5 },
        { op: 'column', index: 6 },
      ],
    });
  });

  it.each([
    [SCHEMA.slice(0, -1), "has no column 'at'", 'Add at TIMESTAMP_LTZ(3)'],
    [changed('offset', 'offset INT'), "column 'offset' of the dead-letter table", 'It has to be BIGINT.'],
    [changed('topic', 'topic VARCHAR(10)'), "column 'topic'", 'is VARCHAR(10)'],
    [changed('key', 'key INT'), "column 'key'", 'It has to be BYTES or STRING.'],
    [changed('at', 'at TIMESTAMP(3)'), "column 'at'", 'It has to be TIMESTAMP_LTZ(3).'],
    [changed('at', 'at TIMESTAMP_LTZ(0)'), "column 'at'", 'It has to be TIMESTAMP_LTZ(3).'],
    [changed('value', 'value BYTES NOT NULL'), "column 'value'", 'leave NOT NULL out'],
    [[...SCHEMA, 'day STRING NOT NULL'], "column 'day'", 'Its columns are topic STRING, partition INT'],
  ])('is refused: %j', (columns, message, hint) => {
    expect(refusal(columns)).toMatch(/^OPTION_INVALID /);
    expect(refusal(columns)).toContain(message);
    expect(refusal(columns)).toContain(hint);
  });

  it.each([
    [{ 'sluice.on-record-error': 'dlq' }, "SET 'sluice.dead-letter-table'"],
    [{ 'sluice.dead-letter-table': 'c.d.dead' }, "SET 'sluice.on-record-error' = 'dlq'"],
    [{ ...DLQ, 'sluice.on-record-error': 'skip' }, "SET 'sluice.on-record-error' = 'dlq'"],
    [{ ...DLQ, 'sluice.dead-letter-table': 'c.d.nothing' }, "'sluice.dead-letter-table': unknown table nothing"],
    [{ ...DLQ, 'sluice.dead-letter-table': 'c..' }, "'sluice.dead-letter-table': SQL_PARSE: Encountered"],
    [{ ...DLQ, 'sluice.dead-letter-table': 'c.d.dead; DROP' }, "'sluice.dead-letter-table': SQL_PARSE"],
  ])('is refused with %o', (options, text) => {
    expect(refusal(SCHEMA, options)).toMatch(/^OPTION_INVALID /);
    expect(refusal(SCHEMA, options)).toContain(text);
  });

  it('is refused where its connector cannot be written, or not like this', () => {
    const dead = (options: Record<string, string>): string => refusalOf('SELECT id FROM events', { ...setting(SCHEMA), tables: { dead: { columns: SCHEMA, options } } });
    expect(dead({ connector: 'datagen' })).toContain("Connector 'datagen' can only be used as a source");
    expect(dead({ ...FILES, format: 'avro' })).toContain("the format 'avro'");
  });
});
