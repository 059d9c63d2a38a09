/** The past of a job as lines of a chart, and in words. */

/** @import { Sample } from '../types.js' */

/** @typedef {{ readonly seconds: readonly Sample[], readonly minutes: readonly Sample[], readonly offsets: 'records' | 'bytes' }} History */
/** @typedef {'recordsPerSecond' | 'lag'} Measure */

/** What was kept, and behind it what has come since; in order, each moment once. @param {readonly Sample[]} kept @param {readonly Sample[]} live @returns {readonly Sample[]} */
export function joined(kept, live) {
  const last = kept.at(-1)?.at ?? -Infinity;
  return [...kept, ...live.filter(({ at }) => at > last)];
}

/** Epoch seconds, and the values at them, as uPlot takes them. @param {readonly Sample[]} samples @param {Measure} measure @returns {[number[], (number | null)[]]} */
export const lineOf = (samples, measure) => [samples.map(({ at }) => at / 1000), samples.map((sample) => sample[measure])];

/** What somebody learns who cannot see the line. @param {readonly Sample[]} samples @param {Measure} measure @param {(value: number) => string} words */
export function inWords(samples, measure, words) {
  const values = samples.flatMap((sample) => sample[measure] ?? []);
  const last = values.at(-1);
  if (last === undefined) return 'Nothing is known yet.';
  return `Now ${words(last)}; between ${words(Math.min(...values))} and ${words(Math.max(...values))} in the time shown.`;
}
