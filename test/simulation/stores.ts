/** The stores of the world: the reference adapters, with the limits, the expiry and the memory of the past that real ones have. */
import { StoreError } from '../../lib/core/errors.ts';
import type { AppendResult, LogItem, LogKey, LogPage } from '../../lib/ports/log.ts';
import type { ControlItem, ControlKey, ControlPut, Expected } from '../../lib/ports/control.ts';
import type { Runtime } from '../../lib/ports/runtime.ts';
import { MemoryControl } from '../../lib/adapters/memory/control.ts';
import { memoryPorts, type MemoryPorts } from '../../lib/adapters/memory/index.ts';
import { MemoryLog } from '../../lib/adapters/memory/log.ts';
import { nodeCodec } from '../../lib/adapters/node/codec.ts';
import type { Scheduler } from './scheduler.ts';

export interface Limits {
  /** Bytes of one item. */
  readonly itemBytes: number;
  /** Bytes of one page. */
  readonly pageBytes: number;
  /** Write units (of 1 KB) that one key takes per second. */
  readonly writesPerSecond: number;
}

export const DYNAMODB: Limits = { itemBytes: 400 * 1024, pageBytes: 1024 * 1024, writesPerSecond: 1000 };

export class SimulatedLog extends MemoryLog {
  readonly #limits: Limits;
  readonly #scheduler: Scheduler;
  readonly #onThrottle: () => void;
  /** Sequence numbers below these have been taken before, whatever the store has deleted since. */
  readonly #taken = new Map<LogKey, number>();
  readonly #spent = new Map<LogKey, { second: number; units: number }>();
  /** Called with every append that took effect; a ghost stands in a place that was taken before, it is no part of the log. */
  onAppend: (log: LogKey, item: LogItem, as: 'entry' | 'ghost') => void = () => {};

  constructor(limits: Limits, scheduler: Scheduler, onThrottle: () => void) {
    super(null);
    this.#limits = limits;
    this.#scheduler = scheduler;
    this.#onThrottle = onThrottle;
  }

  override async append(log: LogKey, item: LogItem): Promise<AppendResult> {
    const bytes = item.body.length + (item.data?.length ?? 0);
    if (bytes > this.#limits.itemBytes) throw new StoreError('no', { message: `simulated: an item of ${bytes} bytes` });
    this.#spend(log, Math.ceil(bytes / 1024));
    const result = await super.append(log, item);
    if (result.kind === 'appended') {
      const taken = this.#taken.get(log) ?? 0;
      this.#taken.set(log, Math.max(taken, item.seq + 1));
      this.onAppend(log, item, item.seq < taken ? 'ghost' : 'entry');
    }
    return result;
  }

  override async readAfter(log: LogKey, after: number, limitBytes: number): Promise<LogPage> {
    return super.readAfter(log, after, Math.min(limitBytes, this.#limits.pageBytes));
  }

  #spend(log: LogKey, units: number): void {
    const second = Math.floor(this.#scheduler.now / 1000);
    const spent = this.#spent.get(log);
    if (spent?.second !== second) {
      this.#spent.set(log, { second, units });
      return;
    }
    spent.units += units;
    if (spent.units <= this.#limits.writesPerSecond) return;
    this.#onThrottle();
    throw new StoreError('no', { message: 'simulated: more write units per second than one key takes' });
  }
}

export class SimulatedControl extends MemoryControl {
  readonly #hints = new Map<string, (ControlItem | null)[]>();
  /** Called with every put that took effect. */
  onPut: (key: ControlKey, body: string) => void = () => {};

  override async put(key: ControlKey, body: string, expected: Expected): Promise<ControlPut> {
    if (isHint(key)) this.#remember(key, await this.get(key));
    const result = await super.put(key, body, expected);
    if (result.kind === 'stored') this.onPut(key, body);
    return result;
  }

  /** What an eventually consistent read of a hint may return: any version so far (F12). */
  olderHints(key: ControlKey): readonly (ControlItem | null)[] {
    return this.#hints.get(key.pk) ?? [];
  }

  #remember(key: ControlKey, item: ControlItem | null): void {
    const versions = this.#hints.get(key.pk);
    if (versions === undefined) this.#hints.set(key.pk, [item]);
    else versions.push(item);
  }
}

export const isHint = (key: ControlKey): boolean => key.pk.includes('#HINT#');

export interface SimulatedStores extends MemoryPorts {
  readonly log: SimulatedLog;
  readonly control: SimulatedControl;
}

export function simulatedStores(runtime: Runtime, scheduler: Scheduler, limits: Limits, onThrottle: () => void): SimulatedStores {
  return {
    ...memoryPorts({ runtime, codec: nodeCodec }),
    log: new SimulatedLog(limits, scheduler, onThrottle),
    control: new SimulatedControl(),
  };
}
