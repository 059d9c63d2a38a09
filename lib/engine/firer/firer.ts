/**
 * The firer: reads the partition logs, decides when windows fire and over which cut, stores the result before it is emitted, emits and
 * acknowledges (protocol §5). Any number of firers may run at once (F1). An instance belongs to one sandbox and one generation; what it
 * keeps between steps is a replica of the log and entries read behind it, both of which it may lose at any time.
 */
import { assert, isError, type SluiceError } from '../../core/errors.ts';
import type { FireNumber, WallTime } from '../../core/numbers.ts';
import type { Ports } from '../../ports/ports.ts';
import { isComplete } from '../bounded.ts';
import { barrierWaits, checkpointDue, takeCheckpoint } from '../checkpoint/take.ts';
import { FireErrors } from '../fire-errors.ts';
import type { Job } from '../job.ts';
import { readHint, writeHint } from '../hint.ts';
import type { FireResult } from '../log/entries.ts';
import { openCoordinatorLog, type CoordinatorLog } from '../log/logs.ts';
import { ageMs, stampNow, type Stamp } from '../log/stamp.ts';
import { partitionsOf } from '../position.ts';
import { keepAfterMs } from '../settings.ts';
import { watchdogOf } from '../watchdog.ts';
import { decideFire, type BarrierRequest, type Candidate, type StepFacts } from './decide-fire.ts';
import { commitProgress } from './consumer-progress.ts';
import { Discovery } from './discover.ts';
import { Emitter, storeResult, type Pace, type ResultRows } from './emit.ts';
import { Keeper } from './keep.ts';
import { laggingPartitions } from './lag.ts';
import { LogView } from './log-view.ts';
import { earliestTimer, FunctionTimers } from './function-timers.ts';
import { hintOf } from './hint-of.ts';
import { commitFire } from './replay.ts';
import { answersBarrier, isPending, type FireEntry, type Replica } from './replica.ts';
import { standingOf, type Standing } from './standing.ts';

export type StepOutcome =
  /** Nothing is due. */
  | { readonly kind: 'idle' }
  /** As idle, and for good: all sources are bounded and have been read to their ends. */
  | { readonly kind: 'complete' }
  | { readonly kind: 'fired'; readonly f: FireNumber; readonly rows: number; readonly sinks: FireResult['rows']; readonly barrier: string | null }
  /** Another firer has appended; read again. */
  | { readonly kind: 'lost' }
  /** A foreign FIRE waits for its firer (F9), or `sinks` do not take rows. */
  | { readonly kind: 'waiting'; readonly cause: SluiceError | null; readonly sinks: readonly string[] }
  | { readonly kind: 'fenced' }
  | { readonly kind: 'closed' }
  /** The generation has no coordinator log (yet). */
  | { readonly kind: 'absent' };

type FirerPorts = Pick<Ports, 'log' | 'control' | 'chunks' | 'blob' | 'source' | 'offsets' | 'sinks' | 'runtime' | 'codec'>;

export class Firer {
  readonly #ports: FirerPorts;
  readonly #job: Job;
  readonly #log: CoordinatorLog;
  readonly #view: LogView;
  readonly #emitter: Emitter;
  readonly #keeper: Keeper;
  readonly #discovery: Discovery;
  readonly #errors: FireErrors;
  readonly #timers: FunctionTimers;
  /** Id of the FIRE that this instance appended last: its emission needs no waiting (F9). */
  #own: string | null = null;
  #upkeepAt: Stamp | null = null;

  constructor(ports: FirerPorts, job: Job) {
    this.#ports = ports;
    this.#job = job;
    this.#log = openCoordinatorLog(ports, job);
    this.#view = new LogView(ports, job, this.#log);
    this.#emitter = new Emitter(ports, job);
    this.#keeper = new Keeper(ports, job);
    this.#discovery = new Discovery(ports, job);
    this.#errors = new FireErrors(ports, job);
    this.#timers = new FunctionTimers(ports, job);
  }

  /** The replica as the last step left it, for `describe` and savepoints; null if it has to be loaded. */
  get replica(): Replica | null {
    return this.#view.replica;
  }

  /** Every entry that the last step could see is in the replica or its tail. */
  get hasReadAll(): boolean {
    return this.#view.hasReadAll;
  }

  /** When the next timer of processing time is due, epoch ms, by what the last step has left; null without any. */
  get nextTimer(): WallTime | null {
    const { replica } = this.#view;
    return replica === null ? null : earliestTimer(this.#job.dataflow, replica.states);
  }

  /** How far the job is behind, by what the last step has read; null if it has read nothing. Throws what the source throws. */
  async standing(): Promise<Standing | null> {
    const { replica } = this.#view;
    return replica === null ? null : standingOf(this.#ports, this.#job, { position: replica.position, tail: this.#view.tail });
  }

  /** Loads the replica to the head of the log and returns it; null if the generation has no log. */
  load(): Promise<Replica | null> {
    return this.#view.load();
  }

  /** One step; `request` asks for a barrier. Throws only what load and the stores throw. */
  async step(request: BarrierRequest | null = null): Promise<StepOutcome> {
    const replica = await this.load();
    if (replica === null) return { kind: 'absent' };
    if (replica.closed) return { kind: 'closed' };
    await this.#renew(replica);
    if (isPending(replica)) {
      const barrier = this.#givesUpFor(replica, request);
      const blocked = await this.#finish(replica, barrier === null ? 'paused' : 'at-once');
      if (blocked !== null) return barrier === null ? blocked : this.#giveUp(replica, blocked, barrier);
    }
    // A job that is being stopped takes no new partition in.
    if (request?.frozen !== true && (await this.#upkeep(replica))) return this.step(request);
    await this.#checkpointIfDue(replica);
    // What the timers give is in the logs now, and goes into this step. Behind FROZEN they wait for the job to go on.
    if (request?.frozen !== true && (await this.#timers.callDue(replica))) {
      await this.load();
      // Another firer may have been faster, or the job may have been stopped: the next step goes on from there.
      if (replica.closed || isPending(replica)) return { kind: 'lost' };
    }
    return this.#fire(replica, request);
  }

  /** Emits and acknowledges a pending FIRE, however young (11.4, 11.5): the caller is about to close the log, and asks `at-once` the last time. */
  async help(pace: Pace): Promise<'done' | 'blocked'> {
    const replica = await this.load();
    if (replica === null || replica.closed || !isPending(replica)) return 'done';
    this.#own = replica.lastFire?.id ?? null;
    return (await this.#finish(replica, pace)) === null ? 'done' : 'blocked';
  }

  /** Emits FIRE f and appends ACK f; null if that is done. */
  async #finish(replica: Replica, pace: Pace, known: ResultRows | null = null): Promise<StepOutcome | null> {
    const fire = replica.lastFire;
    assert(fire !== null, 'a FIRE that waits for its sinks lies behind the checkpoint');
    if (fire.id !== this.#own && this.#ports.runtime.now() - fire.at < this.#job.settings.helpAfterMs) {
      return { kind: 'waiting', cause: null, sinks: [] };
    }
    const emitted = await this.#emitter.emit(fire, pace, known);
    if (emitted.kind === 'fenced') {
      this.#view.forget();
      return { kind: 'fenced' };
    }
    if (emitted.kind === 'unavailable') return { kind: 'waiting', cause: emitted.cause, sinks: emitted.sinks };
    return this.#acknowledge(replica, fire);
  }

  /**
   * F14: a FIRE that sinks have not confirmed for `sinkGiveUpMs` is itself the barrier of whoever waits for one: returns its trigger. Never
   * for a drain: its job ends, and nobody would emit the rows.
   */
  #givesUpFor(replica: Replica, request: BarrierRequest | null): string | null {
    const { position, lastFire } = replica;
    const barrier = request?.trigger ?? (barrierWaits(replica) ? (lastFire?.barrier ?? null) : null);
    if (lastFire === null || barrier === null) return null;
    const isDrain = request?.drain === true || position.drained;
    const isPatient = this.#ports.runtime.now() - lastFire.at <= this.#job.settings.sinkGiveUpMs;
    return isDrain || isPatient || answersBarrier(replica, barrier) ? null : barrier;
  }

  /** The hint is not written: to T5 this is no checkpoint. */
  async #giveUp(replica: Replica, blocked: StepOutcome, barrier: string): Promise<StepOutcome> {
    if (blocked.kind !== 'waiting' || blocked.sinks.length === 0) return blocked;
    const taken = await takeCheckpoint(this.#ports, this.#job, this.#log, replica, { sinks: blocked.sinks, barrier });
    if (!taken) this.#view.forget();
    return blocked;
  }

  async #acknowledge(replica: Replica, fire: FireEntry): Promise<StepOutcome | null> {
    const head = await this.#log.refresh(replica.head);
    const entry = head && this.#log.next(head, { kind: 'ACK', f: fire.position.f, checkpoints: head.entry.checkpoints });
    const appended = entry && (await this.#log.append(head, entry));
    if (appended?.kind !== 'appended') {
      this.#view.forget();
      return { kind: 'lost' };
    }
    replica.head = appended.head;
    replica.acked = fire.position.f;
    return null;
  }

  async #checkpointIfDue(replica: Replica): Promise<void> {
    if (!checkpointDue(replica, this.#job.settings, this.#ports.runtime.now())) return;
    if (!(await takeCheckpoint(this.#ports, this.#job, this.#log, replica))) return this.#view.forget();
    await this.#writeHint(replica);
    await commitProgress(this.#ports, this.#job, replica.position);
  }

  async #fire(before: Replica, request: BarrierRequest | null): Promise<StepOutcome> {
    const { replica } = this.#view;
    if (replica === null || replica !== before) return { kind: 'lost' };
    const facts = await this.#facts(replica, request);
    const candidate = await this.#errors.watch(replica.position.f, () => this.#decide(facts));
    if (candidate === null) return { kind: (await isComplete(this.#ports, this.#job, replica.position, this.#view.tail)) ? 'complete' : 'idle' };

    const fire = await this.#draftFire(replica, candidate);
    if (fire === null) return { kind: 'lost' };
    // The commit point: cut, watermark and results are fixed, for every firer that will ever look.
    const appended = await this.#log.append(replica.head, fire);
    if (appended.kind !== 'appended') {
      this.#view.forget();
      return { kind: 'lost' };
    }
    this.#own = fire.id;
    replica.head = appended.head;
    commitFire(replica, this.#view.tail, fire, candidate.result);
    await this.#writeHint(replica);
    if (isPending(replica)) {
      const blocked = await this.#finish(replica, 'paused', candidate.result.rows);
      if (blocked !== null) return blocked;
    }
    await this.#checkpointIfDue(replica);
    const rows = Object.values(fire.result.rows).reduce((n, of) => n + of, 0);
    return { kind: 'fired', f: fire.position.f, rows, sinks: fire.result.rows, barrier: fire.barrier };
  }

  #decide(facts: StepFacts): Candidate | null {
    try {
      return decideFire(facts);
    } catch (error) {
      // It was interrupted anywhere: also in the midst of what only arranges the state.
      if (isError(error, 'FUNCTION_TOO_SLOW')) this.#view.forget();
      throw error;
    }
  }

  async #draftFire(replica: Replica, { position, result, barrier }: Candidate): Promise<FireEntry | null> {
    const stored = await storeResult(this.#ports, this.#job, replica.head.entry.seq + 1, result.rows);
    const head = await this.#log.refresh(replica.head);
    if (head === null) return null;
    replica.head = head;
    const checkpoints = replica.head.entry.checkpoints;
    const draft = { kind: 'FIRE' as const, position, barrier, checkpoints, result: { ...stored, previous: replica.position.lastEmitted, repeats: null } };
    const entry = this.#log.next(replica.head, draft);
    assert(entry.kind === 'FIRE', 'a draft keeps its kind');
    return entry;
  }

  async #facts(replica: Replica, request: BarrierRequest | null): Promise<StepFacts> {
    return {
      job: this.#job,
      settings: this.#job.settings,
      position: replica.position,
      states: replica.states,
      tail: this.#view.tail,
      now: this.#ports.runtime.now(),
      lagging: await laggingPartitions(this.#ports, this.#job, replica.position, this.#view.tail),
      request,
      watchdog: watchdogOf(this.#ports.runtime, this.#job),
    };
  }

  /** F11, T2: KEEP and RENEW before any emission, so that a sink that is down for days cannot let a head expire. */
  async #renew(replica: Replica): Promise<void> {
    const { settings } = this.#job;
    if (settings.logTtlMs === Infinity) return;
    const oldest = this.#ports.runtime.now() - keepAfterMs(settings);
    await this.#keeper.keep(partitionsOf(replica.position), this.#view.tail, oldest);
    if (replica.head.entry.at >= oldest) return;
    const entry = this.#log.next(replica.head, { kind: 'RENEW', checkpoints: replica.head.entry.checkpoints });
    const appended = await this.#log.append(replica.head, entry);
    if (appended.kind === 'appended') replica.head = appended.head;
    else this.#view.forget();
  }

  /**
   * What the tick does besides firing, once in a while: partitions come and go, sinks keep their positions, and a put that lands late sets the hint back. True if the
   * coordinator log has grown: whatever else is in it by now comes first.
   */
  async #upkeep(replica: Replica): Promise<boolean> {
    if (this.#upkeepAt !== null && ageMs(this.#ports, this.#upkeepAt) < this.#job.settings.upkeepIntervalMs) return false;
    this.#upkeepAt = stampNow(this.#ports);
    if (await this.#discovery.run(replica.position)) return true;
    await this.#emitter.keep();
    const hint = await readHint(this.#ports, this.#job);
    if (hint !== null && hint.checkpointAt < replica.checkpoint.at) await this.#writeHint(replica);
    return false;
  }

  /** F12: only values that were true; every reader can live with an old one. */
  async #writeHint(replica: Replica): Promise<void> {
    try {
      await writeHint(this.#ports, this.#job, hintOf(this.#job.dataflow, replica));
    } catch (error) {
      if (!isError(error, 'STORE_FAILED')) throw error;
    }
  }
}
