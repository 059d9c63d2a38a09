/**
 * A function that runs in the writer (protocol 13.3, stateful partition mode), as a step sees it: what entries say of its state is taken over. Only a drain calls
 * it here, at the end of time, when every log is frozen and nobody else can.
 */
import { assert, SluiceError } from '../../core/errors.ts';
import type { FunctionFlow } from '../../core/dataflow.ts';
import { keyText, type Key } from '../../core/key.ts';
import { eventTime, type EventTime, type PartitionId } from '../../core/numbers.ts';
import type { KeyChange } from '../../core/process/changes.ts';
import { partitionOf } from '../../core/process/partition-key.ts';
import type { FunctionTime, PartitionedState } from '../../core/process/partitioned-state.ts';
import type { ProcessStep } from '../../core/process/process-step.ts';
import { MAX_WATERMARK } from '../../core/watermark.ts';
import type { PaneColumns } from '../../core/window/pane.ts';
import { openFunctionStep, type FunctionStepFrame } from './function-step.ts';
import { watermarkOf, type Progress } from './progress.ts';
import type { EmitResultRow, Reach, SectionOrigin, Stage } from './stage.ts';

/** What an entry says. */
interface EntryChanges {
  readonly partition: Key;
  readonly changes: readonly KeyChange[];
  readonly time: FunctionTime;
}

/** A drain takes in what is left first, and ends time in a FIRE of its own (F13). */
const NOT_YET_THE_END: Partial<Reach> = { eventTime: eventTime(MAX_WATERMARK - 1) };

export class PartitionedStage implements Stage {
  readonly flow: FunctionFlow;
  readonly pending = 0;
  readonly #state: PartitionedState;
  readonly #frame: FunctionStepFrame;
  #watermark: EventTime;
  readonly #entries: EntryChanges[] = [];
  /** Of keys that no partition had before the step. */
  readonly #owners = new Map<Key, Key>();
  /** Those of a drain. */
  readonly #steps: ProcessStep[] = [];
  #isDue = false;

  constructor(flow: FunctionFlow, state: PartitionedState, frame: FunctionStepFrame) {
    this.flow = flow;
    this.#state = state;
    this.#frame = frame;
    this.#watermark = frame.watermark;
  }

  /** A FIRE takes over what has changed, so that it is taken in once, and says how far time has come that timers wait for: whoever calls them goes by it. */
  get hasRun(): boolean {
    return this.#entries.length > 0 || this.#isDue || this.#steps.some((step) => step.hasRun);
  }

  /** Throws RECORDS_NOT_PARTITIONED for a key that another partition has as well. */
  add(_section: readonly PaneColumns[], { partition, functionTime: time, changes: ofStages = {} }: SectionOrigin): number {
    if (partition === null || time === undefined) return 0;
    const own = this.#keyOf(partition);
    const changes = ofStages[this.flow.uid] ?? [];
    for (const [key] of changes) this.#requireOwn(own, key);
    this.#entries.push({ partition: own, changes, time });
    return 0;
  }

  reachWithin(_rowsMax: number, to: Progress): Partial<Reach> {
    return this.#entries.length > 0 && watermarkOf(this.flow, to) === MAX_WATERMARK ? NOT_YET_THE_END : {};
  }

  fire(to: Progress, emit: EmitResultRow): null {
    const watermark = watermarkOf(this.flow, to);
    const next = this.#state.nextTimer('event');
    if (watermark > this.#watermark && next !== null && next <= watermark) this.#isDue = true;
    if (watermark === MAX_WATERMARK && this.#watermark < watermark) this.#endTime(to, emit);
    this.#watermark = watermark;
    return null;
  }

  commit(): void {
    for (const { partition, changes, time } of this.#entries) this.#state.apply(partition, changes, time);
    for (const step of this.#steps) step.commit();
  }

  #endTime(to: Progress, emit: EmitResultRow): void {
    assert(this.#entries.length === 0, 'a drain has taken every entry in before');
    for (const partition of this.#state.partitions()) {
      const step = openFunctionStep(this.flow, this.#state.of(partition), { ...this.#frame, watermark: this.#watermark });
      this.#steps.push(step);
      this.#frame.failures.place = partitionOf(partition);
      step.fire(MAX_WATERMARK, to.procTime, (row) => emit(row, null));
    }
    this.#frame.failures.place = null;
  }

  #keyOf(partition: PartitionId): Key {
    const { uid, partitionKeyOf } = this.flow;
    assert(partitionKeyOf !== null, `${uid} has state within partitions`);
    return partitionKeyOf(partition);
  }

  #requireOwn(own: Key, key: Key): void {
    if (this.#state.of(own).contentsOf(key) !== null) return;
    const owner = this.#owners.get(key) ?? this.#state.rivalOf(own, key) ?? own;
    this.#owners.set(key, owner);
    if (owner !== own) throw notPartitioned(this.flow, key, [owner, own]);
  }
}

function notPartitioned({ uid }: FunctionFlow, key: Key, owners: readonly Key[]): SluiceError {
  const places = owners.map(partitionOf).map(({ topic, partition }) => `${topic}-${partition}`);
  return new SluiceError('RECORDS_NOT_PARTITIONED', {
    message: `the function at ${uid} has state of key ${keyText(key)} in ${places.join(' and ')}`,
    details: { uid, key, partitions: places },
  });
}
