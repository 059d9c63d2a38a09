/** A job in numbers. */
import { html } from 'htm/preact';
import { bytes, counted, duration, fullTime, time, UNKNOWN, usd } from '../words/format.js';

/** @import { Job } from '../types.js' */

/** @typedef {{ label: string, value: string, more?: string }} Fact */

/** @param {Job} job @returns {Fact[]} */
function factsOf({ state, startedAt, changedAt, now, isEnded, generation, costs, offsets }) {
  const lags = (state?.sources ?? []).flatMap(({ lag }) => lag ?? []);
  const lag = lags.length === 0 ? null : lags.reduce((sum, one) => sum + one, 0);
  const watermarks = (state?.sources ?? []).flatMap(({ watermark }) => watermark ?? []);
  const watermark = watermarks.length === 0 || watermarks.length < (state?.sources.length ?? 0) ? null : Math.min(...watermarks);
  const windows = (state?.operators ?? []).reduce((sum, { windowCount }) => sum + windowCount, 0);
  return [
    { label: 'Lag', value: lag === null ? UNKNOWN : offsets === 'bytes' ? bytes(lag) : counted(lag, 'record') },
    { label: 'Watermark', value: watermark === null ? UNKNOWN : time(watermark, now) },
    { label: 'Open windows', value: state === null ? UNKNOWN : String(windows) },
    { label: 'State', value: bytes(state?.stateBytes ?? null) },
    { label: isEnded ? 'Ran for' : 'Running for', value: duration((isEnded ? changedAt : now) - startedAt), more: `since ${fullTime(startedAt)}, generation ${generation}` },
    ...(costs === null ? [] : [{ label: 'Cost per month', value: usd(costs.perMonth), more: `${usd(costs.soFar)} so far` }]),
  ];
}

/** @param {{ job: Job }} props */
export const Facts = ({ job }) => html`<dl class="facts">${factsOf(job).map(({ label, value, more }) => html`<div title=${more ?? null}><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>`;
