/** The table of partitions, of which only what can be seen is drawn. */
import { html } from 'htm/preact';
import { useMemo, useState } from 'preact/hooks';
import { Heading, Space, useWindowRows } from '../parts/window-rows.js';
import { ago, bytes, count, time, UNKNOWN } from '../words/format.js';

/** @import { Job, Partition } from '../types.js' */

/** @typedef {'partition' | 'lag' | 'watermark' | 'dataAt'} SortKey */

/** @type {readonly { readonly sort: SortKey | null, readonly label: string, readonly isNumber: boolean }[]} */
const COLUMNS = [
  { sort: 'partition', label: 'Partition', isNumber: false },
  { sort: null, label: 'State', isNumber: false },
  { sort: null, label: 'Offset', isNumber: true },
  { sort: null, label: 'End', isNumber: true },
  { sort: 'lag', label: 'Lag', isNumber: true },
  { sort: 'watermark', label: 'Watermark', isNumber: true },
  { sort: 'dataAt', label: 'Newest record', isNumber: true },
];

/** @param {{ partitions: readonly Partition[], now: number, offsets: Job['offsets'] }} props */
export function PartitionsTable({ partitions, now, offsets }) {
  const [sort, setSort] = useState(/** @type {SortKey} */ ('partition'));
  const sorted = useMemo(() => inOrder(partitions, sort), [partitions, sort]);
  const { body, first, end, above, below } = useWindowRows(sorted.length);
  return html`<table class="partitions windowed" role="table" aria-rowcount=${sorted.length + 1}>
    <caption class="unseen">Partitions</caption>
    <thead role="rowgroup"><tr role="row" aria-rowindex="1">${COLUMNS.map(({ sort: key, ...column }) => html`<${Heading} ...${column} order=${key === sort ? orderOf(key) : null} onSort=${key === null ? null : () => setSort(key)} />`)}</tr></thead>
    <tbody role="rowgroup" ref=${body}>
      <${Space} px=${above} columns=${COLUMNS.length} />
      ${sorted.slice(first, end).map((partition, i) => html`<${Row} key=${partition.id} partition=${partition} index=${first + i + 2} now=${now} offsets=${offsets} />`)}
      <${Space} px=${below} columns=${COLUMNS.length} />
    </tbody>
  </table>`;
}

/** @param {SortKey} sort */
const orderOf = (sort) => (sort === 'lag' ? 'descending' : 'ascending');

/** The slowest first, or by their numbers. @param {readonly Partition[]} partitions @param {SortKey} sort */
const inOrder = (partitions, sort) => partitions.toSorted((a, b) => (sort === 'partition' ? 0 : slowness(b, sort) - slowness(a, sort)) || a.topic.localeCompare(b.topic) || a.partition - b.partition);

/** One that has no watermark yet has not begun: it is the slowest. @param {Partition} partition @param {'lag' | 'watermark' | 'dataAt'} sort */
function slowness(partition, sort) {
  if (sort === 'lag') return partition.lag ?? -1;
  return -(partition[sort] ?? Number.MIN_SAFE_INTEGER);
}

/** @param {{ partition: Partition, index: number, now: number, offsets: Job['offsets'] }} props */
const Row = ({ partition, index, now, offsets }) => html`<tr role="row" aria-rowindex=${index} class=${partition.isHolder ? 'holder' : ''}>
  <th scope="row" role="rowheader" class="at-name"><b>${partition.partition}</b> <span class="faint">${partition.topic}</span></th>
  <td role="cell" class="at-state">${partition.isHolder ? html`<strong>holds the watermark</strong>` : partition.idle ? 'idle' : html`<span class="faint">active</span>`}</td>
  <td role="cell" class="number" data-label="Offset">${count(partition.next)}</td>
  <td role="cell" class="number" data-label="End">${count(partition.end)}</td>
  <td role="cell" class="number" data-label="Lag">${offsets === 'bytes' ? bytes(partition.lag) : count(partition.lag)}</td>
  <td role="cell" class="number" data-label="Watermark">${partition.watermark === null ? UNKNOWN : time(partition.watermark, now)}</td>
  <td role="cell" class="number" data-label="Newest">${partition.dataAt === null || partition.watermark === null ? UNKNOWN : ago(partition.dataAt, now)}</td>
</tr>`;
