/** `scan.watermark.*` of a table that is read (FactoryUtil). */
import type { SourceNode } from '../core/plan.ts';
import type { OptionReader } from './option-reader.ts';

const GROUP = 'scan.watermark.alignment.group';
const MAX_DRIFT = 'scan.watermark.alignment.max-drift';
const UPDATE_INTERVAL = 'scan.watermark.alignment.update-interval';
const IDLE_TIMEOUT = 'scan.watermark.idle-timeout';
const STRATEGY = 'scan.watermark.emit.strategy';
const GAP = 'scan.watermark.emit.on-event.gap';

export const WATERMARK_OPTIONS: readonly string[] = [GROUP, MAX_DRIFT, UPDATE_INTERVAL, IDLE_TIMEOUT, STRATEGY, GAP];

export interface WatermarkOptions {
  /** null: the session decides. */
  readonly idleTimeoutMs: number | null;
  readonly emitStrategy: NonNullable<SourceNode['emitStrategy']>;
}

/** Of connectors that have no such options. */
export const NO_WATERMARK_OPTIONS: WatermarkOptions = { idleTimeoutMs: null, emitStrategy: 'on-periodic' };

/** Alignment is checked, and has no effect: a source that is ahead of the others is folded into windows as it comes, so nothing is held back for the slowest. */
export function watermarkOptions(reader: OptionReader): WatermarkOptions {
  checkAlignment(reader);
  const gap = reader.integer(GAP);
  if (gap !== undefined && gap !== 1) reader.fail(`sets '${GAP}' to ${gap}`, "With 'on-event' every record moves the watermark: leave the option out.");
  return {
    idleTimeoutMs: reader.duration(IDLE_TIMEOUT) ?? null,
    emitStrategy: reader.oneOf(STRATEGY, ['on-periodic', 'on-event'], 'on-periodic'),
  };
}

function checkAlignment(reader: OptionReader): void {
  const set = [reader.text(GROUP), reader.duration(MAX_DRIFT), reader.duration(UPDATE_INTERVAL)];
  if (set.every((value) => value === undefined) || (set[0] !== undefined && set[1] !== undefined)) return;
  reader.fail(`cannot align watermarks: '${GROUP}' and '${MAX_DRIFT}' must be set when configuring watermark alignment`);
}
