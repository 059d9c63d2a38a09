/** Wall time, CPU time and peak memory of an action in this process. */
export interface Measured<T> {
  readonly value: T;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

export async function measure<T>(action: () => Promise<T> | T): Promise<Measured<T>> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  const value = await action();
  const used = process.cpuUsage(cpu);
  return { value, seconds: (performance.now() - started) / 1000, cpuSeconds: (used.user + used.system) / 1e6 };
}

/** MB. */
export const peakRss = (): number => process.resourceUsage().maxRSS / 1000;

export const millions = (perSecond: number): string => `${(perSecond / 1e6).toFixed(2)} M/s`;
