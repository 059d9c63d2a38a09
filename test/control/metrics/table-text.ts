/** The table of docs/metrics.md, made of the metrics. */
import { exposed } from '../../../lib/control/metrics/exposed.ts';
import { METRIC_NAMES, metricOf, type Scope } from '../../../lib/control/metrics/table.ts';

const SCOPES: Readonly<Record<Scope, string>> = { jobmanager: 'All jobs', job: 'A job', operator: 'A source, an operator or a sink', partition: 'A partition of a topic' };

export const tableText = (): string => Object.entries(SCOPES).map(([scope, title]) => sectionText(scope, title)).join('\n\n');

function sectionText(scope: string, title: string): string {
  const rows = METRIC_NAMES.filter((name) => metricOf(name).scope === scope).map((name) => {
    const { unit, help, type, cloudWatch } = metricOf(name);
    return `| \`${name}\`${cloudWatch === true ? ' *' : ''} | \`${exposed(name).name}\` | ${type} | ${unit} | ${help} |`;
  });
  return [`### ${title}`, '', '| name | in Prometheus and OpenTelemetry | type | unit | what |', '|---|---|---|---|---|', ...rows].join('\n');
}
