/** The table of partitions, of which only what can be seen is drawn. */
import { html } from 'htm/preact';
import { useMemo, useState } from 'preact/hooks';
import { useRowHeight, useWindowRows } from '../parts/window-rows.js';
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

/** As in tables.css. */
const WIDE = 44;
const NARROW = 76;

/** @param {{ partitions: readonly Partition[], now: number, offsets: Job['offsets'] }} props */
export function PartitionsTable({ partitions, now, offsets }) {
  const [sort, setSort] = useState(/** @type {SortKey} */ ('partition'));
  const sorted = useMemo(() => inOrder(partitions, sort), [partitions, sort]);
  const rowHeight = useRowHeight(WIDE, NARROW);
  const { body, first, end } = useWindowRows({ count: sorted.length, rowHeight });
  return html`<table class="partitions windowed" role="table" aria-rowcount=${sorted.length + 1}>
    <caption class="unseen">Partitions</caption>
    <thead role="rowgroup"><tr role="row" aria-rowindex="1">${COLUMNS.map((column) => html`<${Heading} ...${column} chosen=${sort} onSort=${setSort} />`)}</tr></thead>
    <tbody role="rowgroup" ref=${body}>
      <${Space} px=${first * rowHeight} />
      ${sorted.slice(first, end).map((partition, i) => html`<${Row} key=${partition.id} partition=${partition} index=${first + i + 2} now=${now} offsets=${offsets} />`)}
      <${Space} px=${(sorted.length - end) * rowHeight} />
    </tbody>
  </table>`;
}

/** The slowest first, but for numbers of partitions. @param {readonly Partition[]} partitions @param {SortKey} sort */
const inOrder = (partitions, sort) =>
  partitions.toSorted((a, b) => (sort === 'lag' ? (b.lag ?? -1) - (a.lag ?? -1) : sort === 'partition' ? 0 : (a[sort] ?? -Infinity) - (b[sort] ?? -Infinity)) || a.topic.localeCompare(b.topic) || a.partition - b.partition);

/** @param {{ px: number }} props */
const Space = ({ px }) => (px === 0 ? null : html`<tr aria-hidden="true" class="space"><td colspan=${COLUMNS.length} style=${{ height: `${px}px` }}></td></tr>`);

/** @param {{ sort: SortKey | null, label: string, isNumber: boolean, chosen: SortKey, onSort: (sort: SortKey) => void }} props */
const Heading = ({ sort, label, isNumber, chosen, onSort }) => html`<th scope="col" role="columnheader" class=${isNumber ? 'number' : ''} aria-sort=${sort === chosen ? (sort === 'lag' ? 'descending' : 'ascending') : null}>
  ${sort === null ? label : html`<button type="button" class="sort" onClick=${() => onSort(sort)}>${label}<span aria-hidden="true">${sort === chosen ? (sort === 'lag' ? ' ↓' : ' ↑') : ''}</span></button>`}
</th>`;

/** @param {{ partition: Partition, index: number, now: number, offsets: Job['offsets'] }} props */
const Row = ({ partition, index, now, offsets }) => html`<tr role="row" aria-rowindex=${index} class=${partition.isHolder ? 'holder' : ''}>
  <th scope="row" role="rowheader" class="at-name">${partition.topic} <b>${partition.partition}</b></th>
  <td role="cell" class="at-state">${partition.isHolder ? html`<strong>holds the watermark</strong>` : partition.idle ? 'idle' : html`<span class="faint">active</span>`}</td>
  <td role="cell" class="number" data-label="Offset">${count(partition.next)}</td>
  <td role="cell" class="number" data-label="End">${count(partition.end)}</td>
  <td role="cell" class="number" data-label="Lag">${offsets === 'bytes' ? bytes(partition.lag) : count(partition.lag)}</td>
  <td role="cell" class="number" data-label="Watermark">${partition.watermark === null ? UNKNOWN : time(partition.watermark, now)}</td>
  <td role="cell" class="number" data-label="Newest">${partition.dataAt === null || partition.watermark === null ? UNKNOWN : ago(partition.dataAt, now)}</td>
</tr>`;
