/** What a job costs, by models: what is known of it without keeping books. US dollars. */
import type { StateDescription } from './describe.ts';
import { PRICES, usdOf } from './prices.ts';

/** Of the logs, since the generation began: how many entries they have taken. */
export const logCost = ({ entries }: Pick<StateDescription, 'entries'>): number => usdOf('dynamodbWriteUnit', entries);

/** Of keeping what the newest checkpoint holds, for a month; null without one. */
export function monthlyStateCost({ operators }: Pick<StateDescription, 'operators'>): number | null {
  const known = operators.flatMap(({ states }) => states.flatMap(({ monthlyUsd }) => monthlyUsd ?? []));
  return known.length === 0 ? null : known.reduce((sum, usd) => sum + usd, 0);
}

export const ASSUMPTIONS: readonly string[] = [
  `Prices of ${PRICES.region}, ${PRICES.date}, on demand, without free tier.`,
  'So far: one write unit for each entry of the logs since the generation began. Functions, reads, checkpoints and objects come on top.',
  'State per month: what the newest checkpoint holds, kept where it lies.',
  'Per month: the log as it was written on average since the job was submitted, and its state.',
];
