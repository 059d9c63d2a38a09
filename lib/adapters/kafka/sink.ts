/**
 * The `kafka` and `upsert-kafka` sinks with `sink.delivery-guarantee` = `exactly-once` (protocol section 7, "Kafka"). The commit point is the commit of
 * a transaction that holds the rows of one FIRE and the cursor, so a position takes effect once, whole, and readers with
 * `isolation.level` = `read_committed` see it then.
 */
import { isError, SluiceError } from '../../core/errors.ts';
import type { Generation, JobId } from '../../core/numbers.ts';
import type { RecordLayout, SinkNode } from '../../core/plan.ts';
import type { Emission, EmitResult, Sink, SinkPosition } from '../../ports/sink.ts';
import type { Runtime } from '../../ports/runtime.ts';
import { cursorOf, decideEmission, requireOrder, storedCursor, type EmissionDecision, type SinkCursor } from './sink-cursor.ts';
import { unavailable } from './sink-failures.ts';
import { PIECE_BYTES, RecordEncoder, RowsDigest } from './sink-records.ts';
import { RecordsTooLarge, RecordTooLarge, SessionFenced, tellingSize, TransactionExpired, type Transactions, type TransactionSession } from './transactions.ts';

/** Transactions of one emission: a session that is lost on the way is opened again, which shows whether the commit took place. */
const ATTEMPTS = 3;
/** A fence meets emitters of the old generation that open sessions of their own until they read it. */
const FENCE_ATTEMPTS = 20;
/** How long an emitter that was fenced waits for the other one to have done its work (F9: it opens no session itself). */
const OVERTAKEN_MS = 5_000;
/** Age of a cursor that is written again. */
const KEEP_AFTER_MS = 86_400_000;
const PAUSE_MIN_MS = 10;
const PAUSE_MAX_MS = 500;

const DURABLE: EmitResult = { kind: 'durable' };

/** A session that owns the transactional id until it is fenced: nobody else can have moved the cursor meanwhile. */
interface Open {
  readonly session: TransactionSession;
  cursor: SinkCursor;
}

export interface TransactionalParts {
  readonly job: JobId;
  readonly node: SinkNode;
  readonly layout: RecordLayout;
  readonly transactions: Transactions;
  readonly runtime: Pick<Runtime, 'now' | 'elapsed' | 'sleep'>;
}

export class TransactionalKafkaSink implements Sink {
  readonly fences = true;
  readonly #parts: TransactionalParts;
  readonly #encoder: RecordEncoder;
  #open: Open | null = null;
  /** One emission or fence at a time. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Index of PIECE_BYTES. */
  #pieces = 0;

  constructor(parts: TransactionalParts) {
    this.#parts = parts;
    this.#encoder = new RecordEncoder(parts.job, parts.node, parts.layout);
  }

  emit(emission: Emission): Promise<EmitResult> {
    return this.#inTurn(() => (emission.rows.length === 0 ? Promise.resolve(DURABLE) : this.#emit(emission)));
  }

  /** X3: the new owner is in the cursor, committed by a session that has fenced all others, before anything of the new generation is written. */
  fence(g: Generation): Promise<SinkPosition | null> {
    return this.#inTurn(() => this.#fence(g));
  }

  /** Kafka forgets the offsets of a group that nobody is a member of (offsets.retention.minutes, 7 days): the cursor is written again every day. */
  keep(g: Generation): Promise<void> {
    return this.#inTurn(() => this.#keep(g));
  }

  async #emit(emission: Emission): Promise<EmitResult> {
    // Another emitter has moved the cursor, and fenced this session, without its knowing.
    if (this.#open !== null && isBehind(this.#open.cursor, emission)) this.#open = null;
    for (let attempt = 1; ; attempt++) {
      // Whoever has nothing to write must not fence others to learn it: a zombie, or a helper that comes late.
      const known = this.#decide(this.#open?.cursor ?? (await this.#committed('now')), emission);
      if (known.kind !== 'write') return resultOf(known);
      const open = await this.#opened();
      const decision = this.#decide(open.cursor, emission);
      if (decision.kind !== 'write') return resultOf(decision);
      requireOrder(open.cursor, emission);
      try {
        await this.#write(open, emission);
        return DURABLE;
      } catch (error) {
        this.#open = null;
        if (error instanceof SessionFenced) return this.#overtaken(emission);
        if (this.#mayRepeat(error, attempt)) continue;
        // The limit may be raised until the next attempt.
        this.#pieces = 0;
        throw await this.#givenUp(open, error);
      }
    }
  }

  /** Batches that are too large are made smaller, down to single records. */
  #mayRepeat(error: unknown, attempt: number): boolean {
    if (error instanceof RecordsTooLarge) {
      if (error instanceof RecordTooLarge || this.#pieces === PIECE_BYTES.length - 1) return false;
      this.#pieces++;
      return true;
    }
    return attempt < ATTEMPTS && isError(error, 'STORE_FAILED') && !(error instanceof TransactionExpired);
  }

  async #write(open: Open, emission: Emission): Promise<void> {
    const { transactions, runtime } = this.#parts;
    const partitions = await transactions.partitions();
    const digest = new RowsDigest();
    for (const piece of this.#encoder.pieces(emission, partitions, runtime.now(), PIECE_BYTES[this.#pieces] ?? 1)) {
      for (const { key, value } of piece) digest.add(key, value);
      await tellingSize(piece.length, () => open.session.write(piece));
    }
    const { g, f } = emission;
    await this.#commit(open, { owner: g, at: { g, f }, digest: digest.hex() });
  }

  async #commit(open: Open, moved: Omit<SinkCursor, 'writtenAt'>): Promise<void> {
    const cursor = { ...moved, writtenAt: this.#parts.runtime.now() };
    await open.session.sendCursor(storedCursor(cursor));
    await open.session.commit();
    open.cursor = cursor;
  }

  /** F9: no session of its own; the other one has done the work, or this emitter goes back to read the log. */
  async #overtaken(emission: Emission): Promise<EmitResult> {
    const { runtime } = this.#parts;
    const began = runtime.elapsed();
    for (let pause = PAUSE_MIN_MS; ; pause = Math.min(pause * 2, PAUSE_MAX_MS)) {
      const cursor = await this.#committed('now');
      const decision = this.#decide(cursor, emission);
      if (decision.kind !== 'write') return resultOf(decision);
      if (runtime.elapsed() + pause > began + OVERTAKEN_MS) return { kind: 'fenced', by: emission.g };
      await runtime.sleep(pause);
    }
  }

  async #fence(g: Generation): Promise<SinkPosition | null> {
    for (let attempt = 1, pause = PAUSE_MIN_MS; ; attempt++, pause = Math.min(pause * 2, PAUSE_MAX_MS)) {
      const open = await this.#opened();
      if (open.cursor.owner >= g) return open.cursor.at;
      try {
        await this.#commit(open, { ...open.cursor, owner: g });
        return open.cursor.at;
      } catch (error) {
        this.#open = null;
        if (attempt === FENCE_ATTEMPTS || !isError(error, 'STORE_FAILED')) throw await this.#givenUp(open, error);
        await this.#parts.runtime.sleep(pause);
      }
    }
  }

  async #keep(g: Generation): Promise<void> {
    const { runtime } = this.#parts;
    const isYoung = ({ owner, writtenAt }: SinkCursor): boolean => owner > g || runtime.now() - writtenAt < KEEP_AFTER_MS;
    const known = this.#open?.cursor ?? (await this.#committed('now'));
    if (known.writtenAt === 0 || isYoung(known)) return;
    const open = await this.#opened();
    if (isYoung(open.cursor)) return;
    try {
      await this.#commit(open, open.cursor);
    } catch (error) {
      this.#open = null;
      throw await this.#givenUp(open, error);
    }
  }

  #decide(cursor: SinkCursor, emission: Emission): EmissionDecision {
    return decideEmission(cursor, emission, () => this.#encoder.digest(emission.rows).hex());
  }

  /** The cursor is read behind init: then nobody else can move it any more without this session being fenced. */
  async #opened(): Promise<Open> {
    if (this.#open !== null) return this.#open;
    try {
      const session = await this.#parts.transactions.init();
      this.#open = { session, cursor: await this.#committed('settled') };
      return this.#open;
    } catch (error) {
      throw unavailable(error, this.#parts);
    }
  }

  async #committed(when: 'now' | 'settled'): Promise<SinkCursor> {
    try {
      return cursorOf(await this.#parts.transactions.committed(when));
    } catch (error) {
      throw unavailable(error, this.#parts);
    }
  }

  /** An open transaction would hold back the readers of the topic until its timeout. */
  async #givenUp({ session }: Open, cause: unknown): Promise<SluiceError> {
    try {
      await session.abort();
    } catch (error) {
      if (!isError(error)) throw error;
    }
    return unavailable(cause, this.#parts);
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

const resultOf = (decision: EmissionDecision): EmitResult => (decision.kind === 'fenced' ? decision : DURABLE);

/** The FIRE before this one is not the one that the cursor stands at. */
const isBehind = ({ at }: SinkCursor, { g, f, pf }: Emission): boolean => at !== null && at.g === g && at.f < f && at.f !== pf;
