/**
 * Names and labels outside of REST. What Flink has is called as its PrometheusReporter calls it, so that the dashboards and alarms of its users show Sluice as
 * they are: they name `flink_…` in hundreds of places. What Flink has no word for begins with `sluice_`, and names its unit, as Prometheus advises.
 */
import { watermarkText } from '../rest/jobmanager/watermarks.ts';
import type { Sample } from './sample.ts';
import { metricOf, type Metric, type MetricName, type Scope } from './table.ts';

export interface Exposed {
  readonly name: string;
  readonly help: string;
  /** To Flink's reporter a counter is a gauge. */
  readonly type: 'gauge' | 'counter';
  readonly labels: readonly string[];
}

const FLINK: Readonly<Record<Scope, string>> = {
  jobmanager: 'flink_jobmanager_',
  job: 'flink_jobmanager_job_',
  operator: 'flink_taskmanager_job_task_operator_',
  partition: 'flink_taskmanager_job_task_operator_',
};
const OWN: Readonly<Record<Scope, string>> = { jobmanager: 'sluice_', job: 'sluice_job_', operator: 'sluice_operator_', partition: 'sluice_partition_' };
const SUFFIXES: Partial<Readonly<Record<Metric['unit'], string>>> = { s: '_seconds', 'epoch s': '_timestamp_seconds', bytes: '_bytes', usd: '_usd', 'event time': '_ms' };

const JOB = ['job_id', 'job_name'] as const;
/** An operator is the only one of its task, and its task is one. */
const OPERATOR = [...JOB, 'task_id', 'task_name', 'operator_id', 'operator_name', 'subtask_index'] as const;
const LABELS: Readonly<Record<Scope, readonly string[]>> = { jobmanager: [], job: JOB, operator: OPERATOR, partition: [...OPERATOR, 'topic', 'partition'] };

export function exposed(metric: MetricName): Exposed {
  const { scope, type, own = false, labels = [], help } = metricOf(metric);
  const isText = type === 'text';
  return { name: nameOf(metric), help, type: own && type === 'counter' ? 'counter' : 'gauge', labels: [...LABELS[scope], ...labels, ...(isText ? ['path'] : [])] };
}

/** A text is a label of a metric that is always 1, as newer versions of Flink write it. */
function nameOf(metric: MetricName): string {
  const { scope, type, unit, own = false } = metricOf(metric);
  if (!own) return `${FLINK[scope]}${metric}${type === 'text' ? '_info' : ''}`;
  const words = metric.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return `${OWN[scope]}${words}${SUFFIXES[unit] ?? ''}${type === 'counter' ? '_total' : ''}`;
}

export function labelsOf({ of: { job, vertex, partition }, labels, value }: Sample): Record<string, string> {
  return {
    ...(job !== null && { job_id: job.id, job_name: job.name }),
    ...(vertex !== null && { task_id: vertex.id, task_name: vertex.name, operator_id: vertex.id, operator_name: vertex.name, subtask_index: '0' }),
    ...(partition !== null && { topic: partition.topic, partition: String(partition.partition) }),
    ...labels,
    ...(typeof value === 'string' && { path: value }),
  };
}

export function numberOf({ metric, value }: Sample): number {
  if (typeof value === 'string') return 1;
  return metricOf(metric).unit === 'event time' ? Number(watermarkText(value)) : value;
}
