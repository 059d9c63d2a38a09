/** The warm part of a run: what is between two looks, so that neither cold starts nor the joining of a consumer group are in it. */
import type { Platform } from '../../real/platform/platform.ts';
import { sandboxes } from './processes.ts';

export interface Warm {
  readonly records: number;
  readonly seconds: number;
  /** CPU seconds by function. */
  readonly cpu: Readonly<Record<string, number>>;
}

interface Look {
  readonly records: number;
  readonly at: number;
  readonly cpu: Readonly<Record<string, number>>;
}

/** CPU so far, of every function. */
export function cpuByFunction(): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { name, cpuSeconds } of sandboxes()) sums[name] = (sums[name] ?? 0) + cpuSeconds;
  return sums;
}

export const look = (platform: Platform): Look => ({ records: platform.lines.records, at: performance.now(), cpu: cpuByFunction() });

export const between = (from: Look, to: Look): Warm => ({
  records: to.records - from.records,
  seconds: (to.at - from.at) / 1000,
  cpu: Object.fromEntries(Object.entries(to.cpu).map(([name, seconds]) => [name, seconds - (from.cpu[name] ?? 0)])),
});

export const totalCpu = ({ cpu }: Warm): number => Object.values(cpu).reduce((a, b) => a + b, 0);
