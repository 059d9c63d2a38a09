/**
 * What functions tell (lib/lambda/telemetry.ts), as CloudWatch has it: namespace `Sluice`, each value once by `service` and `job`, and once by
 * `service` and `function`, which is one platform's and therefore what its alarms look at, jobs that no template knows included.
 */
import { Duration } from 'aws-cdk-lib';
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';

const NAMESPACE = 'Sluice';

export type Service = 'writer' | 'firer' | 'workflow';

interface Measured {
  readonly service: Service;
  readonly name: string;
  readonly statistic: 'Maximum' | 'Sum' | 'Average';
  readonly label: string;
}

/** Times are in milliseconds. */
export const MEASURED = {
  lag: { service: 'writer', name: 'currentEmitEventTimeLag', statistic: 'Maximum', label: 'lag: age of the newest record of a batch' },
  openLag: { service: 'firer', name: 'OpenLag', statistic: 'Maximum', label: 'open lag: age of the oldest record that waits for a writer' },
  watermarkAge: { service: 'firer', name: 'watermarkLag', statistic: 'Maximum', label: 'watermark age: how far event time is behind' },
  records: { service: 'writer', name: 'numRecordsIn', statistic: 'Sum', label: 'records committed' },
  lateRows: { service: 'writer', name: 'numLateRecordsDropped', statistic: 'Sum', label: 'rows dropped as late' },
  duplicates: { service: 'writer', name: 'Duplicates', statistic: 'Sum', label: 'batches delivered again' },
  commitBytes: { service: 'writer', name: 'CommitBytes', statistic: 'Sum', label: 'bytes committed' },
  failures: { service: 'writer', name: 'Failures', statistic: 'Sum', label: 'commits that failed' },
  rowsEmitted: { service: 'firer', name: 'numRecordsOut', statistic: 'Sum', label: 'rows emitted' },
  fires: { service: 'firer', name: 'Fires', statistic: 'Sum', label: 'FIREs' },
  fireTime: { service: 'firer', name: 'FireTime', statistic: 'Maximum', label: 'time of a FIRE' },
  problems: { service: 'firer', name: 'Problems', statistic: 'Sum', label: 'steps that are tried again' },
  workflowProblems: { service: 'workflow', name: 'Problems', statistic: 'Sum', label: 'jobs that could not be looked after' },
  jobFailures: { service: 'firer', name: 'JobFailures', statistic: 'Sum', label: 'jobs that became FAILED' },
} as const satisfies Record<string, Measured>;

export type MeasuredName = keyof typeof MEASURED;

/** Of one job. */
export const jobMetric = (name: MeasuredName, job: string, options: MetricOptions = {}): Metric => metric(MEASURED[name], { job }, options);

/** Of all jobs of a platform. */
export const platformMetric = (name: MeasuredName, functions: Readonly<Record<Service, IFunction>>, options: MetricOptions = {}): Metric =>
  metric(MEASURED[name], { function: functions[MEASURED[name].service].functionName }, options);

function metric({ service, name, statistic, label }: Measured, of: Readonly<Record<string, string>>, options: MetricOptions): Metric {
  const dimensionsMap = { service: `sluice-${service}`, ...of };
  return new Metric({ namespace: NAMESPACE, metricName: name, dimensionsMap, statistic, label, period: Duration.minutes(1), ...options });
}

