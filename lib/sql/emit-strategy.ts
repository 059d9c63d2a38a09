/**
 * `table.exec.emit.*`: when legacy group windows give results besides the one at their end (Flink's WindowEmitStrategy, whose checks these are).
 * An updated row leaves with the next FIRE, so any delay of late firing is kept; early firing is for every row, since nothing wakes a job in between.
 */
import { sessionDuration } from './session-options.ts';

type Options = Readonly<Record<string, string>>;

const KEY = {
  earlyEnabled: 'table.exec.emit.early-fire.enabled',
  earlyDelay: 'table.exec.emit.early-fire.delay',
  lateEnabled: 'table.exec.emit.late-fire.enabled',
  lateDelay: 'table.exec.emit.late-fire.delay',
  lateness: 'table.exec.emit.allow-lateness',
  timeToLive: 'table.exec.state.ttl',
} as const;

const isOn = (options: Options, key: string): boolean => options[key]?.toLowerCase() === 'true';

/** When windows of the legacy functions give results. */
export interface EmitStrategy {
  /** For how long late rows are taken in, ms. */
  readonly allowedLatenessMs: number;
  /** Every row gives the results of its windows before they end. */
  readonly earlyFire: boolean;
}

/** Why the options cannot be had. */
export interface EmitRefusal {
  readonly kind: 'invalid' | 'unsupported';
  readonly message: string;
  readonly hint?: string;
}

/** The strategy for one window. `allow-lateness` counts only where late firing is enabled, as in Flink, and is the time to live of state where it is not set. */
export function emitStrategy(options: Options, window: { readonly isEventTime: boolean; readonly isSession: boolean }): EmitStrategy | EmitRefusal {
  const early = isOn(options, KEY.earlyEnabled);
  const late = isOn(options, KEY.lateEnabled);
  const lateness = late && !window.isSession ? (sessionDuration(options, KEY.lateness) ?? sessionDuration(options, KEY.timeToLive) ?? 0) : 0;
  const message = problemOf(options, early, late, lateness, window);
  if (message !== null) return { kind: 'invalid', message };
  if (early && (!window.isEventTime || sessionDuration(options, KEY.earlyDelay) !== 0)) {
    const what = window.isEventTime ? `'${KEY.earlyDelay}' of more than 0 s` : `'${KEY.earlyEnabled}' for windows of processing time`;
    return { kind: 'unsupported', message: what, hint: `SET '${KEY.earlyDelay}' = '0 s' for windows of row time, or use CUMULATE.` };
  }
  return { allowedLatenessMs: window.isEventTime ? lateness : 0, earlyFire: early };
}

function problemOf(options: Options, early: boolean, late: boolean, lateness: number, { isEventTime, isSession }: { isEventTime: boolean; isSession: boolean }): string | null {
  if (isSession && (early || late)) return "Session window doesn't support EMIT strategy currently.";
  if (isEventTime && late && lateness <= 0) {
    return "The 'AFTER WATERMARK' emit strategy requires set 'allow-lateness' or 'minIdleStateRetentionTime' in table config.";
  }
  if (early && sessionDuration(options, KEY.earlyDelay) === undefined) {
    return `Early-fire delay should not be null or negative value when enable early-fire emit strategy. SET '${KEY.earlyDelay}'.`;
  }
  if (!late) return null;
  const delay = sessionDuration(options, KEY.lateDelay);
  if (delay === undefined) return `Late-fire delay should not be null or negative value when enable late-fire emit strategy. SET '${KEY.lateDelay}'.`;
  if (delay <= lateness) return null;
  return `Allow-lateness [${lateness}ms] should not be smaller than Late-fire delay [${delay}ms] when enable late-fire emit strategy.`;
}

/** Whether early or late firing is enabled, which window table functions do not take. */
export const firesTwice = (options: Options): boolean => isOn(options, KEY.earlyEnabled) || isOn(options, KEY.lateEnabled);

/** Why an aggregation over a window table function refuses these options (Flink's WindowUtil.checkEmitConfiguration). */
export const TVF_EMIT_REFUSAL = `Currently, window table function based aggregate doesn't support early-fire and late-fire configuration '${KEY.earlyEnabled}' and '${KEY.lateEnabled}'.`;
