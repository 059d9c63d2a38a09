/** The plan as a graph. Each node can be chosen by keyboard, and says what EXPLAIN says of it. */
import { html } from 'htm/preact';
import { useState } from 'preact/hooks';
import { useIsNarrow } from '../parts/narrow.js';
import { bytes, counted } from '../words/format.js';
import { layoutOf } from './graph-layout.js';

/** @import { Job, PlanGraph, PlanNode } from '../types.js' */
/** @import { Box } from './graph-layout.js' */

const BOX = { width: 216, height: 54 };
const MARGIN = 4;
/** That a box has room for. */
const LETTERS = { name: 24, note: 28 };

/** @param {{ job: Job, plan: PlanGraph }} props */
export function Graph({ job, plan }) {
  const [chosen, setChosen] = useState(/** @type {string | null} */ (null));
  const isDown = useIsNarrow();
  const { boxes, edges, width, height } = layoutOf(plan.nodes, { ...BOX, along: isDown ? 28 : 44, across: 16, isDown });
  const byUid = new Map(plan.nodes.map((node) => [node.uid, node]));
  const node = chosen === null ? undefined : byUid.get(chosen);
  const size = { width: width + 2 * MARGIN, height: height + 2 * MARGIN };
  return html`<section class="panel" aria-labelledby="plan">
    <h2 id="plan">Plan</h2>
    <div class="scroll graph">
      <svg ...${size} viewBox=${`${-MARGIN} ${-MARGIN} ${size.width} ${size.height}`} role="group" aria-label="Nodes of the plan, sources first">
        ${edges.map(({ from, to, path }) => html`<path key=${`${from} ${to}`} class=${chosen === from || chosen === to ? 'edge near' : 'edge'} d=${path} />`)}
        ${boxes.map((box) => html`<${NodeBox} key=${box.uid} box=${box} node=${byUid.get(box.uid)} note=${noteOn(job, box.uid)} isChosen=${chosen === box.uid} onChoose=${() => setChosen(chosen === box.uid ? null : box.uid)} />`)}
      </svg>
    </div>
    ${node === undefined ? html`<p class="note">Choose a node to see what it does.</p>` : html`<div class="node-lines" role="status"><h3>${node.name}</h3><pre>${node.lines.join('\n')}\nuid ${node.uid}</pre></div>`}
    <${AsText} plan=${plan} />
  </section>`;
}

/** @param {{ box: Box, node: PlanNode, note: string, isChosen: boolean, onChoose: () => void }} props */
function NodeBox({ box: { x, y }, node, note, isChosen, onChoose }) {
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    onChoose();
  };
  return html`<g class=${`node ${node.kind}`} transform=${`translate(${x} ${y})`} role="button" tabindex="0" aria-pressed=${isChosen} onClick=${onChoose} onKeyDown=${onKey}>
    <rect ...${BOX} rx="6" />
    <text x="12" y="22" class="name">${cut(shortName(node), LETTERS.name)}</text>
    <text x="12" y="41" class="note">${cut(note, LETTERS.note)}</text>
  </g>`;
}

/** Tables without their catalogs, heads without what is in brackets. @param {PlanNode} node */
const shortName = ({ name }) => name.replace(/\s*\(.*$/, '').replace(/(?:[\w`-]+\.)+(?=[\w`])/g, '');

/** @param {string} text @param {number} letters */
const cut = (text, letters) => (text.length <= letters ? text : `${text.slice(0, letters - 1)}…`);

/** What is worth knowing of a node at a glance. @param {Job} job @param {string} uid */
function noteOn({ state, offsets, plan }, uid) {
  const source = state?.sources.find((one) => one.uid === uid);
  if (source !== undefined) {
    const lag = source.lag === null ? null : offsets === 'bytes' ? bytes(source.lag) : counted(source.lag, 'record');
    return `${counted(source.partitionCount, 'partition')}${lag === null ? '' : `, lag ${lag}`}`;
  }
  const operator = state?.operators.find((one) => one.uid === uid);
  if (operator === undefined) return plan?.nodes.find((node) => node.uid === uid)?.lines[1] ?? '';
  return operator.kind === 'window' ? `${counted(operator.windowCount, 'open window')}, ${counted(operator.lateRows, 'late row')}` : counted(operator.entries, 'key');
}

/** @param {{ plan: PlanGraph }} props */
const AsText = ({ plan }) => html`<details><summary>The plan as text</summary>
  <ol class="plan-text">${plan.nodes.map(
    ({ uid, name, lines, inputs }) => html`<li key=${uid}><strong>${name}</strong>${inputs.length === 0 ? '' : ` reads ${inputs.map((input) => plan.nodes.find((one) => one.uid === input)?.name ?? input).join(', ')}`}
      <pre>${lines.slice(1).join('\n')}</pre></li>`,
  )}</ol></details>`;
