/** The chapters of the lab, file by file, without processes: what their steps expect is what their jobs give. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { resultColumn, tableauText } from '../../lib/control/table.ts';
import { CHAPTERS } from '../../lib/cli/lab-chapters.ts';
import type { LabCommand } from '../../lib/cli/lab-command.ts';
import { sinksOf } from '../../lib/core/plan.ts';
import { planScript } from '../../lib/sql/plan-script.ts';
import { P0, Stack } from '../engine/stack.ts';
import { LAB } from './sluice.ts';

const text = (file: string): string => readFileSync(LAB + file, 'utf8');

/** The file that a command names. */
const fileOf = ({ type }: LabCommand): string => (type.includes('-f') ? (type[type.indexOf('-f') + 1]?.replaceAll(/[{}]/g, '') ?? '') : '');

const start = (script: string): Promise<Stack> =>
  Stack.create({ plan: planScript(`${text('0-catalog.sql')}\n${text(script)}`, { warehouse: '/w', resolvePath: (path) => path }) });

/** Sends the lines of a file, and fires until nothing is left to fire. */
async function send(stack: Stack, topic: string, file: string): Promise<void> {
  const [partition] = (await stack.stores.source.topic(topic))?.partitions ?? [];
  stack.stores.source.produce(topic, text(file).trim().split('\n'), 0);
  const batch = partition === undefined ? null : await stack.stores.source.fetch(topic, 0, partition.end, 1e9);
  if (batch === null) throw new Error(`nothing came of ${file}`);
  await stack.writer().commit(P0, batch);
  const firer = stack.firer();
  while ((await firer.step()).kind !== 'idle');
}

/** What the job has written, as the queries of the chapters show it. */
function tableOf(stack: Stack): string {
  const [sink] = sinksOf(stack.job.dataflow.plan);
  if (sink === undefined) throw new Error('the job has a sink');
  const rows = stack.stores.sinks.rows(sink.table).toSorted((a, b) => (String(a) < String(b) ? -1 : 1));
  return tableauText({ columns: sink.columns.map(({ name, type }) => resultColumn(name, type)), rows });
}

test.each(['hop', 'cumulate', 'session'])('%s', async (name) => {
  const stack = await start(`${name}/1-job.sql`);
  const commands = CHAPTERS[name]?.steps.flatMap((step) => step.commands) ?? [];
  let seen = 0;
  for (const command of commands) {
    const [word, , topic = ''] = command.type;
    const file = fileOf(command);
    if (word === 'topic' && file !== '') await send(stack, topic, file);
    if (!file.endsWith('query.sql')) continue;
    expect(tableOf(stack)).toBe(command.see);
    seen++;
  }
  expect(seen).toBe(name === 'session' ? 3 : 2);
});
