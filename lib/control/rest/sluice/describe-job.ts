/** A job's description, made small enough for a page: lists of thousands have endpoints of their own. */
import { inputsOf, sourcesOf, type Plan } from '../../../core/plan.ts';
import { withoutSecrets as withoutSecretsOf } from '../../../core/secrets.ts';
import { nodeLines } from '../../../sql/explain.ts';
import { ASSUMPTIONS, logCost, monthlyStateCost } from '../../costs.ts';
import { descriptionJson, type PartitionJson, type SourceJson } from '../../description-json.ts';
import type { JobDescription, OperatorDescription } from '../../describe.ts';
import { unitOfSum } from '../../offset-unit.ts';
import { operationOf } from '../../progress.ts';
import type { ControlPlane } from '../control-plane.ts';
import { withoutSecrets, withoutSecretsIn } from '../../secrets.ts';
import type { Of } from '../shape.ts';
import type { JOB, PARTITION, PLAN_GRAPH } from './description.ts';

const PARTITIONS_SHOWN = 64;
const WINDOWS_SHOWN = 50;
const MONTH_MS = 30 * 24 * 3600 * 1000;
/** Of less nobody should make a month. */
const RATE_FROM_MS = 60_000;

type Job = Of<typeof JOB>;
type State = NonNullable<Job['state']>;

export function describedJob({ runtime, isPaid, offsets }: Pick<ControlPlane, 'runtime' | 'isPaid' | 'offsets'>, description: JobDescription, plan: Plan): Job {
  const now = runtime.now();
  const { state, ...job } = descriptionJson(description);
  return {
    ...job,
    operation: operationOf(description.control),
    now,
    state: state === null ? null : { ...state, sources: state.sources.map(shownSource), operators: state.operators.map((operator) => shownOperator(operator, now)) },
    plan: graphOf(plan),
    options: withoutSecrets(plan.options),
    sql: withoutSecretsIn(plan.sql),
    costs: isPaid ? costsOf(description, now) : null,
    offsets: unitOfSum(sourcesOf(plan), offsets),
  };
}

function shownSource({ partitions, ...source }: SourceJson): State['sources'][number] {
  const lags = partitions.flatMap(({ lag }) => lag ?? []);
  const shown = partitions.filter(({ id }, i) => i < PARTITIONS_SHOWN || id === source.holder);
  return {
    ...source,
    partitionCount: partitions.length,
    idleCount: partitions.filter(({ idle }) => idle).length,
    lag: lags.length === 0 ? null : lags.reduce((sum, lag) => sum + lag, 0),
    partitions: shown.map((partition) => shownPartition(partition, source)),
  };
}

export const shownPartition = (partition: PartitionJson, { holder }: Pick<SourceJson, 'holder'>): Of<typeof PARTITION> => ({ ...partition, isHolder: partition.id === holder });

function shownOperator({ windows, ...operator }: OperatorDescription, now: number): State['operators'][number] {
  return { ...operator, windowCount: windows.length, windows: windows.slice(0, WINDOWS_SHOWN).map((window) => ({ ...window, age: now - window.start })) };
}

/** As EXPLAIN says it. */
export function graphOf(given: Plan): Of<typeof PLAN_GRAPH> {
  const plan = withoutSecretsOf(given);
  return {
    name: plan.name,
    nodes: plan.nodes.map((node) => {
      const lines = nodeLines(plan, node);
      return { uid: node.uid, kind: node.kind, name: lines[0] ?? node.kind, lines, inputs: inputsOf(node) };
    }),
  };
}

/** Nobody knows when a later generation began: its rate is not known either. */
function costsOf({ state, control, startedAt, isEnded }: JobDescription, now: number): Job['costs'] {
  if (state === null) return null;
  const soFar = logCost(state);
  const statePerMonth = monthlyStateCost(state);
  const hasRate = control.gen === 0 && !isEnded && now - startedAt >= RATE_FROM_MS;
  const perMonth = hasRate ? (soFar * MONTH_MS) / (now - startedAt) + (statePerMonth ?? 0) : null;
  return { currency: 'USD', soFar, statePerMonth, perMonth, assumptions: ASSUMPTIONS };
}
