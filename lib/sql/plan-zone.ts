/**
 * The time zone of the session, written into a plan: a plan runs without a session. Expressions are planned without it, since few of them depend
 * on it, and nothing that does is computed before it is known.
 */
import { inZone } from '../core/expression.ts';
import type { CalcNode, EventTimeSpec, Expression, PlanNode, SourceNode, WindowAggregateNode, WindowTableNode } from '../core/plan.ts';
import { sessionZone } from '../core/time/zone-id.ts';

const KEY = 'table.local-time-zone';

/** As Flink's TableConfigUtils says it. */
const REFUSED =
  "Invalid time zone. The value should be a Time Zone Database (TZDB) ID such as 'America/Los_Angeles' to include daylight saving time. " +
  "Fixed offsets are supported using 'GMT-03:00' or 'GMT+03:00'. Or use 'UTC' without time zone and daylight saving time.";

/** The reason why no session can be in this time zone; null if one can. */
export const refusedZone = (id: string): string | null => (id === 'default' || sessionZone(id) !== null ? null : REFUSED);

/** `table.local-time-zone`, by the name that java.time gives it. The functions that run a job have UTC as theirs, so that is the default. */
export const zoneOfSession = (options: Readonly<Record<string, string>>): string => sessionZone(options[KEY] ?? 'UTC')?.id ?? 'UTC';

/** The nodes with the zone wherever it matters. */
export function nodesInZone(nodes: readonly PlanNode[], zone: string): readonly PlanNode[] {
  if (zone === 'UTC') return nodes;
  const columns = new Map(nodes.flatMap((node) => (node.kind === 'sink' ? [] : [[node.uid, node.columns] as const])));
  /** Processing time is an instant too. */
  const isInstant: IsInstant = ({ input, timeColumn }) => timeColumn === null || columns.get(input)?.[timeColumn]?.type.kind === 'TIMESTAMP_LTZ';
  return nodes.map((node) => nodeInZone(node, zone, isInstant));
}

/** Whether the row times of windows are instants, so that the windows lie in the zone. */
type IsInstant = (node: WindowAggregateNode | WindowTableNode) => boolean;

function nodeInZone(node: PlanNode, zone: string, isInstant: IsInstant): PlanNode {
  const moved = (e: Expression): Expression => inZone(e, zone);
  switch (node.kind) {
    case 'source':
      return sourceInZone(node, moved);
    case 'calc':
      return calcInZone(node, moved);
    case 'values':
      return { ...node, rows: node.rows.map((row) => row.map(moved)) };
    case 'expand':
      return { ...node, projects: node.projects.map((project) => project.map(moved)) };
    case 'window-aggregate':
      return isInstant(node) && node.window.kind !== 'unbounded' && node.inOrder !== true ? { ...node, window: { ...node.window, zone } } : node;
    case 'window-table':
      return isInstant(node) ? { ...node, window: { ...node.window, zone } } : node;
    default:
      return node;
  }
}

const calcInZone = (node: CalcNode, moved: (e: Expression) => Expression): CalcNode => ({
  ...node,
  where: node.where === null ? null : moved(node.where),
  project: node.project.map(moved),
});

function sourceInZone(node: SourceNode, moved: (e: Expression) => Expression): SourceNode {
  if (node.eventTime === null) return node;
  const watermark = moved(node.eventTime.watermark);
  const eventTime: EventTimeSpec = 'time' in node.eventTime ? { ...node.eventTime, watermark, time: moved(node.eventTime.time) } : { ...node.eventTime, watermark };
  return { ...node, eventTime };
}
