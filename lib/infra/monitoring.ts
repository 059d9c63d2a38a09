/** Alarms of a platform, each with the section of the runbook that says what to do, and its dashboard. */
import { Duration } from 'aws-cdk-lib';
import { Alarm, AlarmRule, AlarmState, ComparisonOperator, CompositeAlarm, Dashboard, GraphWidget, TreatMissingData, type IAlarmAction, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { WORKFLOWS } from '../workflows/messages.ts';
import { MEASURED, platformMetric, type MeasuredName, type Service } from './metrics.ts';
import { SHAPES, type FunctionName, type PlatformFunction } from './platform-function.ts';
import type { StateMachines } from './state-machines.ts';

export interface MonitoringOptions {
  /** When records wait for longer, for five minutes. @default Duration.minutes(5) */
  readonly lagMax?: Duration;
  /** When event time is behind by more, for five minutes. It contains the longest silence of a topic. @default Duration.minutes(15) */
  readonly watermarkAgeMax?: Duration;
  /** What the composite alarm does, such as `new SnsAction(topic)`. @default - nothing */
  readonly alarmActions?: readonly IAlarmAction[];
  /** Where the runbook is; `#<alarm>` is added. @default - the README of lib/infra */
  readonly runbook?: string;
}

export interface MonitoringProps extends MonitoringOptions {
  readonly functions: Readonly<Record<FunctionName, PlatformFunction>>;
  readonly workflows: StateMachines;
}

const RUNBOOK = 'lib/infra/README.md';
const FUNCTIONS: readonly FunctionName[] = ['writer', 'firer', 'workflow', 'resource'];
const SERVICES: readonly Service[] = ['writer', 'firer', 'workflow'];
/** Of a function's time: a step that needs more will soon be cut off. */
const NEAR_TIMEOUT = 0.9;
const WINDOW = Duration.minutes(5);

/** What makes an alarm: a value above `max` in each of so many periods. */
interface Condition {
  readonly id: string;
  /** Section of the runbook. */
  readonly section: string;
  readonly what: string;
  readonly metric: IMetric;
  readonly max: number;
  readonly periods?: number;
}

export class Monitoring extends Construct {
  readonly alarms: readonly Alarm[];
  /** In alarm when any of the others is. */
  readonly alarm: CompositeAlarm;
  readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string, props: MonitoringProps) {
    super(scope, id);
    this.alarms = [...jobConditions(props), ...functionConditions(props), ...workflowConditions(props)].map((condition) => this.#alarm(condition, props.runbook ?? RUNBOOK));
    this.alarm = new CompositeAlarm(this, 'Alarm', {
      alarmRule: AlarmRule.anyOf(...this.alarms.map((alarm) => AlarmRule.fromAlarm(alarm, AlarmState.ALARM))),
      alarmDescription: `Sluice: something needs a person. Runbook: ${props.runbook ?? RUNBOOK}`,
    });
    this.alarm.addAlarmAction(...(props.alarmActions ?? []));
    this.dashboard = dashboard(this, props);
  }

  #alarm({ id, section, what, metric, max, periods = 1 }: Condition, runbook: string): Alarm {
    return new Alarm(this, id, {
      metric,
      threshold: max,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: periods,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      alarmDescription: `Sluice: ${what}. Runbook: ${runbook}#${section}`,
    });
  }
}

function jobConditions({ functions, lagMax = Duration.minutes(5), watermarkAgeMax = Duration.minutes(15) }: MonitoringProps): Condition[] {
  const metric = (name: MeasuredName): IMetric => platformMetric(name, lambdas(functions));
  return [
    { id: 'FailedJobs', section: 'failedjobs', what: 'a job has become FAILED', metric: metric('jobFailures'), max: 0 },
    // What is tried again is no error of a function.
    { id: 'FirerProblems', section: 'errors', what: 'steps of the firer fail again and again', metric: metric('problems'), max: 0, periods: 5 },
    { id: 'WorkflowProblems', section: 'errors', what: 'the tick cannot look after jobs', metric: metric('workflowProblems'), max: 0, periods: 5 },
    { id: 'OpenLag', section: 'lag', what: `records wait for a writer for more than ${lagMax.toHumanString()}`, metric: metric('openLag'), max: lagMax.toMilliseconds(), periods: 5 },
    { id: 'Lag', section: 'lag', what: `records are older than ${lagMax.toHumanString()} when they are committed`, metric: metric('lag'), max: lagMax.toMilliseconds(), periods: 5 },
    {
      id: 'WatermarkAge',
      section: 'watermarkage',
      what: `event time is behind by more than ${watermarkAgeMax.toHumanString()}`,
      metric: metric('watermarkAge'),
      max: watermarkAgeMax.toMilliseconds(),
      periods: 5,
    },
  ];
}

const functionConditions = ({ functions }: MonitoringProps): Condition[] =>
  FUNCTIONS.flatMap((name): Condition[] => {
    const { function: fn } = functions[name];
    const id = idOf(name);
    const errors: Condition = { id: `${id}Errors`, section: 'errors', what: `the ${name} fails`, metric: fn.metricErrors({ period: WINDOW }), max: 0, periods: 2 };
    if (name === 'resource') return [errors];
    const longest = SHAPES[name].timeout.toMilliseconds() * NEAR_TIMEOUT;
    const duration = fn.metricDuration({ period: WINDOW, statistic: 'Maximum' });
    return [
      errors,
      { id: `${id}Throttles`, section: 'throttles', what: `the ${name} is throttled`, metric: fn.metricThrottles({ period: WINDOW }), max: 0, periods: 2 },
      { id: `${id}Duration`, section: 'duration', what: `the ${name} takes nearly all of its time`, metric: duration, max: longest, periods: 2 },
    ];
  });

/** One each: alarms over sums of metrics are what emulators do not know. */
const workflowConditions = ({ workflows }: MonitoringProps): Condition[] =>
  WORKFLOWS.map((name) => {
    const metric = workflows.machines[name].metricFailed({ period: WINDOW });
    return { id: `${idOf(name)}Failed`, section: 'workflows', what: `an execution of ${name} has failed`, metric, max: 0 };
  });

const idOf = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;

function dashboard(scope: Construct, { functions, workflows }: MonitoringProps): Dashboard {
  const graph = (title: string, names: readonly MeasuredName[]): GraphWidget =>
    new GraphWidget({ title, left: names.map((name) => platformMetric(name, lambdas(functions), { label: MEASURED[name].label })) });
  return new Dashboard(scope, 'Dashboard', {
    widgets: [
      [graph('How far behind (ms)', ['openLag', 'lag', 'watermarkAge']), graph('Records and rows', ['records', 'rowsEmitted', 'lateRows']), graph('FIREs', ['fires', 'fireTime'])],
      [
        graph('Trouble', ['failures', 'problems', 'workflowProblems', 'duplicates', 'jobFailures']),
        new GraphWidget({ title: 'Errors of functions', left: FUNCTIONS.map((name) => functions[name].function.metricErrors({ label: name })) }),
        new GraphWidget({ title: 'Duration of functions (ms)', left: SERVICES.map((name) => functions[name].function.metricDuration({ label: name, statistic: 'p99' })) }),
      ],
      [new GraphWidget({ title: 'Workflows that failed', left: WORKFLOWS.map((name) => workflows.machines[name].metricFailed({ label: name })) }), graph('Bytes of commits', ['commitBytes'])],
    ],
  });
}

const lambdas = ({ writer, firer, workflow }: MonitoringProps['functions']): Parameters<typeof platformMetric>[1] => ({ writer: writer.function, firer: firer.function, workflow: workflow.function });
