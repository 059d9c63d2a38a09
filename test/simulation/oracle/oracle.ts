/**
 * The oracle: watches every put into a log and every change of CTRL, and holds them against the reference and the invariants of the
 * protocol (§16) at the moment they happen. A put is digested before the next event of the world.
 */
import { isError } from '../../../lib/core/errors.ts';
import { uid, type Generation, type JobId, type PartitionId, type Uid } from '../../../lib/core/numbers.ts';
import type { JsonValue } from '../../../lib/core/plan.ts';
import { partsOf } from '../../../lib/core/numbers.ts';
import { Firer } from '../../../lib/engine/firer/firer.ts';
import type { Job } from '../../../lib/engine/job.ts';
import { coordinatorLog, partitionLog } from '../../../lib/engine/keys.ts';
import { readSavepoint } from '../../../lib/engine/lifecycle/base.ts';
import type { JobControl } from '../../../lib/engine/lifecycle/job-control.ts';
import { decodeCoordinatorEntry, decodePartitionEntry } from '../../../lib/engine/log/codec.ts';
import { hasPayload, type CoordinatorEntry } from '../../../lib/engine/log/entries.ts';
import { loadPayload } from '../../../lib/engine/log/payload.ts';
import { decodeSegments } from '../../../lib/engine/writer/segment.ts';
import type { LogItem, LogKey } from '../../../lib/ports/log.ts';
import type { Shape } from '../shape.ts';
import type { ExpiryWatch } from '../expiry.ts';
import type { SimulatedStores } from '../stores.ts';
import type { Topics } from '../topics.ts';
import { violate } from '../violation.ts';
import type { FireBounds } from './bounds.ts';
import { checkChunks, refreshed, type Checkpoint } from './chunk-check.ts';
import { CoordinatorCheck, type Origin } from './coordinator-check.ts';
import { PartitionCheck } from './partition-check.ts';
import { checkReplica, checkSavepoint } from './state-check.ts';

export interface OracleOptions {
  readonly stores: SimulatedStores;
  readonly shape: Shape;
  readonly topics: Topics;
  readonly bounds: FireBounds;
  readonly skewMs: number;
  /** Opens a generation for what only the engine can read. */
  readonly open: (id: JobId, g: Generation) => Job;
  /** The job is in a final state. */
  readonly hasEnded: (id: JobId) => boolean;
  /** Outages last longer than the lifetimes allow: heads may expire, but nobody may go on from what is left. */
  readonly mayFail: boolean;
  /** World time. */
  readonly now: () => number;
  readonly count: (what: string, n?: number) => void;
}

/** What CTRL says of one generation. */
interface Begun {
  readonly origin: { readonly kind: 'savepoint'; readonly path: string } | { readonly kind: 'last-state'; readonly g: Generation } | null;
  readonly allowOffsetGap: boolean;
  readonly pauseTtl: boolean;
}

/** What is left of a generation to go on from. */
type Base = Omit<Origin, 'allowOffsetGap' | 'pauseTtl' | 'isLatest'>;

const chunkCollectionOf = (coordinator: LogKey): string => `${coordinator.slice(0, -1)}W`;
const LOG = /^J#(\w+)#g(\d+)#(C|P([\d.]+))$/;

export class Oracle {
  readonly #options: OracleOptions;
  readonly #begun = new Map<string, Begun>();
  readonly #coordinators = new Map<LogKey, CoordinatorCheck>();
  readonly #partitions = new Map<LogKey, PartitionCheck>();
  readonly #savepoints = new Set<string>();
  #queue: (() => Promise<void>)[] = [];

  constructor(options: OracleOptions) {
    this.#options = options;
    options.stores.log.onAppend = (log, item, as) => {
      if (as === 'ghost') options.count('ghosts');
      else this.#queue.push(() => this.#take(log, item));
    };
    options.stores.control.onPut = (key, body) => {
      if (key.sk === 'CTRL') this.#observe(key.pk.slice(2) as JobId, JSON.parse(body));
    };
  }

  get isBehind(): boolean {
    return this.#queue.length > 0;
  }

  /** Judges what has happened since the last call. */
  async digest(): Promise<void> {
    const queue = this.#queue;
    this.#queue = [];
    for (const judge of queue) await judge();
  }

  coordinator(job: JobId, g: number): CoordinatorCheck | undefined {
    return this.#coordinators.get(coordinatorLog(job, g as Generation));
  }

  coordinators(): [LogKey, CoordinatorCheck][] {
    return [...this.#coordinators];
  }

  partition(job: JobId, g: number, p: PartitionId): PartitionCheck | undefined {
    return this.#partitions.get(partitionLog(job, g as Generation, p));
  }

  /** I-DET, I-TTL: a cold load gives the state that the log implies. */
  async checkLoad(job: JobId, g: Generation): Promise<void> {
    const known = this.coordinator(job, g);
    const { stores, open, count } = this.#options;
    const opened = open(job, g);
    const replica = await new Firer(stores, opened).load();
    if (replica === null) return;
    const expected = known?.states.get(replica.position.f);
    violate(expected === undefined, `I-DET: a load of generation ${g} comes to FIRE ${replica.position.f}, which is not in the log`);
    if (expected !== undefined) checkReplica(opened, replica, expected, `loaded state of FIRE ${replica.position.f} of generation ${g}`);
    count('loads');
  }

  /** I-TTL: any generation loads exactly, or says what it lacks. */
  async checkLoads(current: ReadonlyMap<JobId, { readonly gen: Generation }>): Promise<void> {
    for (const log of this.#coordinators.keys()) {
      const [, id = '', g = ''] = LOG.exec(log) ?? [];
      const isOld = current.get(id as JobId)?.gen !== Number(g);
      await this.#checkLoadIfAny(id as JobId, Number(g) as Generation, isOld || this.#options.mayFail);
    }
  }

  async #checkLoadIfAny(job: JobId, g: Generation, mayLack: boolean): Promise<void> {
    try {
      await this.checkLoad(job, g);
    } catch (error) {
      if (!isError(error) || error.kind !== 'lost' || !mayLack) throw error;
      this.#options.count(`load:${error.code}`);
    }
  }

  /** I-HEAD, I-TTL: what must not be deleted yet; `isCurrent` says whether a generation is the newest of its job. */
  watchExpiry(isCurrent: (id: JobId, g: number) => boolean): ExpiryWatch {
    return {
      onEntry: (log, item, isHead) => {
        const [, id = '', g = '', kind, p = ''] = LOG.exec(log) ?? [];
        if (this.#options.mayFail || !isHead || !isCurrent(id as JobId, Number(g))) return;
        const check = this.coordinator(id as JobId, Number(g));
        const isLive = check !== undefined && !check.isClosed && (kind === 'C' || check.isRegistered(p as PartitionId));
        violate(isLive, `I-HEAD: the head of ${log} (${item.seq}) expires while the job runs`);
      },
      onChunk: (collection, key) => {
        for (const [log, check] of this.#coordinators) {
          if (chunkCollectionOf(log) !== collection) continue;
          const checkpoint = check.retainedChunks(this.#options.now()).find((c) => c.key === key);
          violate(checkpoint !== undefined, `I-TTL: chunk ${key} of ${collection} goes before checkpoint ${checkpoint?.seq} may`);
        }
      },
    };
  }

  #observe(id: JobId, control: JobControl): void {
    const { operation, gen } = control;
    if (operation?.kind === 'create' || operation?.kind === 'resume') {
      const { allowOffsetGap = false, pauseTtl = false } = operation.kind === 'resume' ? operation : {};
      this.#begun.set(`${id}:${gen}`, { origin: operation.base, allowOffsetGap, pauseTtl });
    }
    for (const { path } of control.savepoints) {
      if (this.#savepoints.has(path)) continue;
      this.#savepoints.add(path);
      this.#queue.push(() => this.#checkSavepoint(path));
    }
  }

  async #checkSavepoint(path: string): Promise<void> {
    const content = await readSavepoint(this.#options.stores, path);
    const state = this.coordinator(content.job, content.generation)?.states.get(content.position.f);
    violate(state === undefined, `I-CUT: savepoint ${path} is of FIRE ${content.position.f} of generation ${content.generation}, which is not in the log`);
    if (state !== undefined) checkSavepoint(this.#options.open(content.job, content.generation), content, state);
    this.#options.count('savepoints');
  }

  async #take(log: LogKey, item: LogItem): Promise<void> {
    const { stores } = this.#options;
    const [, id = '', g = '', kind, p = ''] = LOG.exec(log) ?? [];
    if (kind === 'C') return this.#takeCoordinator(log, id as JobId, Number(g), decodeCoordinatorEntry(stores.codec, log, item));
    const entry = decodePartitionEntry(stores.codec, log, item);
    const check = this.#partitionCheck(log, p as PartitionId);
    check.take(entry, this.coordinator(id as JobId, Number(g))?.isRegistered(check.p) ?? false);
    this.#options.count(`entry:${entry.kind}`);
    if (!hasPayload(entry)) return;
    const segments = decodeSegments(await loadPayload(stores, entry.payload)); // I-REF: it throws where there is none
    const time = segments.at(-1)?.functionTime;
    const fired = this.coordinator(id as JobId, Number(g))?.position?.watermarks[partsOf(check.p).source] ?? NaN;
    if (time !== undefined) check.takeTime(entry, time, { fired, wallTime: this.#options.now() + this.#options.skewMs });
  }

  #partitionCheck(log: LogKey, p: PartitionId): PartitionCheck {
    const known = this.#partitions.get(log);
    if (known !== undefined) return known;
    const { source, topic, partition } = partsOf(p);
    const name = this.#options.shape.sources[source]?.topics[topic] ?? '';
    const check = new PartitionCheck(log, p, () => this.#options.topics.records(name, partition));
    this.#partitions.set(log, check);
    return check;
  }

  async #takeCoordinator(log: LogKey, id: JobId, g: number, entry: CoordinatorEntry): Promise<void> {
    let check = this.#coordinators.get(log);
    if (check === undefined) {
      check = await this.#begin(log, id, g as Generation);
      this.#coordinators.set(log, check);
    }
    await check.take(entry);
    this.#options.count(`entry:${entry.kind}`);
    if (entry.kind === 'FIRE' && entry.result.repeats !== null) this.#options.count('handedOver');
    if (entry.kind === 'CHECKPOINT') await this.#checkCheckpoint(id, g as Generation, check, entry);
  }

  async #checkCheckpoint(id: JobId, g: Generation, check: CoordinatorCheck, checkpoint: Checkpoint): Promise<void> {
    const { stores, open, count } = this.#options;
    if (checkpoint.pending.length > 0) count('pendingCheckpoint');
    count('refreshedChunks', refreshed(check.entries.findLast((e): e is Checkpoint => e.kind === 'CHECKPOINT' && e.seq < checkpoint.seq), checkpoint));
    await checkChunks(stores, open(id, g), checkpoint, coordinatorLog(id, g));
    // The checkpoint of a zombie whose job has lost its logs, and says so.
    await this.#checkLoadIfAny(id, g, this.#options.mayFail);
  }

  async #begin(log: LogKey, id: JobId, g: Generation): Promise<CoordinatorCheck> {
    const { stores, shape, topics, bounds, skewMs, count } = this.#options;
    const context = {
      name: log,
      shape,
      topics,
      bounds,
      skewMs,
      partition: (p: PartitionId) => this.partition(id, g, p),
      emissions: (sink: Uid) => stores.sinks.journal(id, sink).filter((e) => e.g === g),
      storedRows: (fire: Extract<CoordinatorEntry, { kind: 'FIRE' }>) => this.#storedRows(fire),
      count,
    };
    return new CoordinatorCheck(context, await this.#originOf(id, g));
  }

  async #originOf(id: JobId, g: Generation): Promise<Origin | null> {
    const begun = this.#begun.get(`${id}:${g}`);
    violate(begun === undefined, `I-GEN: generation ${g} of ${id} begins, which nobody asked for`);
    const origin = begun?.origin ?? null;
    if (origin === null) return null;
    const from = origin.kind === 'last-state' ? this.#lastOf(id, origin.g) : await this.#ofSavepoint(id, origin.path);
    const isLatest = from.from === this.coordinator(id, g - 1) && from.from.position?.f === from.position.f;
    return { ...from, isLatest, allowOffsetGap: begun?.allowOffsetGap ?? false, pauseTtl: begun?.pauseTtl ?? false };
  }

  /** The state behind the last FIRE. */
  #lastOf(id: JobId, g: Generation): Base {
    const check = this.coordinator(id, g);
    const position = check?.position;
    if (check === undefined || position === null || position === undefined) throw new Error(`generation ${g} has no state`);
    const rows = check.fires.find((fire) => fire.f === position.f)?.rows ?? new Map();
    return { state: check.state, position, from: check, ...this.#lacking(id, g, position.f, rows) };
  }

  async #ofSavepoint(id: JobId, path: string): Promise<Base> {
    const { job, generation, position, sinks } = await readSavepoint(this.#options.stores, path);
    const check = this.coordinator(job, generation);
    const [state, known] = [check?.states.get(position.f), check?.positions.get(position.f)];
    if (check === undefined || state === undefined || known === undefined) throw new Error(`savepoint ${path} is of a FIRE that is not in the log`);
    const pending = sinks.flatMap((s) => (s.pending ? [s.uid] : []));
    const rows = new Map([...(check.fires.find((fire) => fire.f === position.f)?.rows ?? [])].filter(([sink]) => pending.includes(sink)));
    // A job that runs on emits its rows itself, the fork does under its own name.
    const isRunning = job !== id && !this.#options.hasEnded(job);
    const lacking = isRunning ? { owed: rows, repeatable: new Map() } : this.#lacking(job, generation, position.f, rows);
    return { state, position: known, from: check, ...lacking };
  }

  /** Which rows of FIRE f have not come to their sinks. */
  #lacking(id: JobId, g: Generation, f: number, rows: ReadonlyMap<Uid, readonly string[]>): Pick<Origin, 'owed' | 'repeatable'> {
    const owed = new Map<Uid, readonly string[]>();
    const repeatable = new Map<Uid, readonly string[]>();
    for (const [sink, list] of rows) {
      const emissions = this.#options.stores.sinks.journal(id, sink);
      const newer = new Set(emissions.filter((e) => e.g > g).flatMap((e) => e.rows.map((row) => row.map(String).join('|'))));
      const isThere = emissions.some((e) => e.g === g && e.f === f);
      if (newer.size > 0 && (isThere || list.every((row) => newer.has(row)))) repeatable.set(sink, list);
      else if (!isThere) owed.set(sink, list);
    }
    return { owed, repeatable };
  }

  async #storedRows({ result }: Extract<CoordinatorEntry, { kind: 'FIRE' }>): Promise<ReadonlyMap<string, readonly string[]>> {
    if (result.payload === null) return new Map();
    const json: Record<string, JsonValue[][]> = JSON.parse(new TextDecoder().decode(await loadPayload(this.#options.stores, result.payload)));
    return new Map(Object.entries(json).map(([sink, rows]) => [uid(sink), rows.map((row) => row.map(String).join('|')).sort()]));
  }
}
