/** One value of one metric, and what it is made of. */
import type { JobId } from '../../core/numbers.ts';
import type { Plan } from '../../core/plan.ts';
import type { JobDescription } from '../describe.ts';
import type { OffsetUnit } from '../offset-unit.ts';
import type { Vertex } from '../rest/jobmanager/vertices.ts';
import type { CountedJob } from './counted.ts';
import { isMetricName, type MetricName } from './table.ts';

/** What a job's values are made of. */
export interface JobFacts {
  readonly job: JobDescription;
  readonly plan: Plan;
  readonly vertices: readonly Vertex[];
  /** Null where this process does not run the job. */
  readonly counted: CountedJob | null;
  /** What offsets of topics count; bytes in embedded ones. */
  readonly offsets: OffsetUnit;
  /** Epoch ms. */
  readonly now: number;
}

/** What a value is of; null: of more than one. */
export interface Of {
  readonly job: { readonly id: JobId; readonly name: string } | null;
  readonly vertex: Pick<Vertex, 'id' | 'name' | 'uid'> | null;
  readonly partition: { readonly topic: string; readonly partition: number } | null;
}

export interface Sample {
  readonly metric: MetricName;
  readonly of: Of;
  /** A text for metrics of that type alone. */
  readonly value: number | string;
  /** Labels beside those of the scope. */
  readonly labels?: Readonly<Record<string, string>>;
}

export type Values = Readonly<Partial<Record<MetricName, number | string | null>>>;

/** Samples of one thing; what is not known is left out. */
export const samples = (of: Of, values: Values): Sample[] =>
  Object.entries(values).flatMap(([metric, value]) => (value === null || value === undefined || !isMetricName(metric) ? [] : [{ metric, of, value }]));
