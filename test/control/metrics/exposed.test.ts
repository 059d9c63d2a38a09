/** The table against what is exposed: by REST, to Prometheus, and in the documentation. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { exposed } from '../../../lib/control/metrics/exposed.ts';
import { prometheusText } from '../../../lib/control/metrics/prometheus.ts';
import { METRIC_NAMES, metricOf, type MetricName } from '../../../lib/control/metrics/table.ts';
import { inMemory } from '../rest/api.ts';
import { MEASURED } from '../../../lib/infra/metrics.ts';
import { busyJob, everySample, fullFacts, samplesOf } from './facts.ts';
import { tableText } from './table-text.ts';

/** Names of the samples in a text of Prometheus. */
const namesIn = (text: string): Set<string> => new Set([...text.matchAll(/^([a-z]\w*)[{ ]/gim)].map(([, name = '']) => name));

test('every metric of the table is exposed to Prometheus, and none beside them', async () => {
  const text = await prometheusText(await everySample());
  expect([...namesIn(text)].toSorted()).toEqual(METRIC_NAMES.map((name) => exposed(name).name).toSorted());
});

test("what is Flink's is called as by its reporter, what is not says so", () => {
  expect(exposed('numRecordsIn')).toMatchObject({ name: 'flink_taskmanager_job_task_operator_numRecordsIn', type: 'gauge' });
  expect(exposed('lastCheckpointDuration').name).toBe('flink_jobmanager_job_lastCheckpointDuration');
  expect(exposed('lastCheckpointExternalPath').name).toBe('flink_jobmanager_job_lastCheckpointExternalPath_info');
  expect(exposed('numRunningJobs').name).toBe('flink_jobmanager_numRunningJobs');
  expect(exposed('deadLetters')).toMatchObject({ name: 'sluice_partition_dead_letters_total', type: 'counter' });
  expect(exposed('resumableUntil').name).toBe('sluice_job_resumable_until_timestamp_seconds');
  for (const name of METRIC_NAMES) expect(exposed(name).name).toMatch(metricOf(name).own === true ? /^sluice_/ : /^flink_(jobmanager|taskmanager)_/);
});

test('values carry what they are of', async () => {
  const world = await busyJob();
  const text = await prometheusText(samplesOf(await fullFacts(world)));
  const line = (name: MetricName): string => text.split('\n').find((one) => one.startsWith(`${exposed(name).name}{`)) ?? '';
  const { id } = world.stack.job;
  expect(line('numRecordsInErrors')).toMatch(new RegExp(`\\{job_id="${id}",job_name="lab",task_id="[0-9a-f]{32}",task_name="Source: [\\w.]+events",operator_id="[0-9a-f]{32}",operator_name="Source: [\\w.]+events",subtask_index="0"\\} 0$`));
  expect(line('lag')).toMatch(/topic="events",partition="0"\} 0$/);
  expect(line('status')).toBe(`sluice_job_status{job_id="${id}",job_name="lab",status="RUNNING"} 1`);
  expect(line('lastCheckpointExternalPath')).toMatch(/path="\/savepoints\/savepoint-[^"]+"\} 1$/);
  expect(line('uptime')).toMatch(/\} 6\d{4}$/);
});

test('before there is a watermark it is the least `long` of Java', async () => {
  const { api, stack } = await inMemory();
  const text = await prometheusText(await api.rest.metrics.ofJob(stack.job.id));
  expect(text).toMatch(/^flink_taskmanager_job_task_operator_currentInputWatermark\{.*\} -9223372036854776000$/m);
  expect(text).not.toContain('watermarkLag');
});

test('docs/metrics.md has the table', () => {
  expect(readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8')).toContain(tableText());
});

test('what CloudWatch is told by names of the table, and what the table says that it is told, are the same', () => {
  const told = Object.values(MEASURED).map(({ name }) => name);
  expect(METRIC_NAMES.filter((name) => told.some((one) => one === name))).toEqual(METRIC_NAMES.filter((name) => metricOf(name).cloudWatch === true));
});
