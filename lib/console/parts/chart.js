/** A line over time. */
import { html } from 'htm/preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';

const HEIGHT = 150;
/** Between two lines of the grid: what is counted has no halves. */
const STEPS = Array.from({ length: 16 }, (_, i) => [1, 2, 5].map((n) => n * 10 ** i)).flat();
const FONT = '11px ui-sans-serif, system-ui, sans-serif';

/** @typedef {{ line: [number[], (number | null)[]], label: string, summary: string, words: (value: number) => string }} ChartProps */

/** `summary` is what a screen reader says. @param {ChartProps} props */
export function Chart({ line, label, summary, words }) {
  const place = useRef(/** @type {HTMLDivElement | null} */ (null));
  const plot = useRef(/** @type {uPlot | null} */ (null));
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const draw = () => {
      plot.current?.destroy();
      plot.current = new uPlot(optionsFor(element, label, words), line, element);
    };
    draw();
    const sizes = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }));
    sizes.observe(element);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', draw);
    addEventListener('themechange', draw);
    return () => {
      sizes.disconnect();
      dark.removeEventListener('change', draw);
      removeEventListener('themechange', draw);
      plot.current?.destroy();
      plot.current = null;
    };
  }, [label]);
  useEffect(() => plot.current?.setData(line), [line]);
  return html`<div class="chart" role="img" aria-label=${`${label}. ${summary}`} ref=${place}></div>`;
}

/** Colours as the style sheet has them now. @param {HTMLElement} element @param {string} label @param {(value: number) => string} words @returns {uPlot.Options} */
function optionsFor(element, label, words) {
  const { color, borderColor, outlineColor } = getComputedStyle(element);
  const axis = { stroke: color, font: FONT, grid: { stroke: borderColor, width: 1 }, ticks: { show: false } };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    tzDate: (at) => uPlot.tzDate(new Date(at * 1000), 'Etc/UTC'),
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { size: 6 } },
    scales: { y: { range: (_, __, max) => [0, max === null || max <= 0 ? 1 : max * 1.15] } },
    axes: [
      { ...axis, grid: { show: false }, size: 28, space: 80, values: '{HH}:{mm}:{ss}' },
      { ...axis, size: 66, space: 36, incrs: STEPS, values: (_, ticks) => ticks.map(words) },
    ],
    series: [{}, { label, stroke: outlineColor, width: 1.75, fill: fillOf(outlineColor), points: { show: false }, spanGaps: false }],
  };
}

/** @param {string} color */
const fillOf = (color) => color.replace(/^rgb\((.*)\)$/, 'rgba($1, 0.1)');
