/**
 * Moves the time of functions on that run in the writer (protocol 13.3): a partition that gets no batch has timers as well. A firer does it behind a FIRE, by an
 * entry in the partition's log, since nothing else changes their state; where a writer is faster, its batch has fired them.
 */
import { partsOf, type PartitionId } from '../../core/numbers.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Progress } from '../firer/progress.ts';
import type { Replica } from '../firer/replica.ts';
import type { Job } from '../job.ts';
import { spillKey } from '../keys.ts';
import { carriedOver, type PartitionEntry } from '../log/entries.ts';
import type { Head } from '../log/entry-log.ts';
import { openPartitionLog, type PartitionLog } from '../log/logs.ts';
import { storePayload } from '../log/payload.ts';
import { foldTime, type FoldedTime } from './fold-time.ts';
import { functionsIn, FunctionStates, type PartitionFunctions } from './partition-functions.ts';
import { encodeSegments } from './segment.ts';

type ClockPorts = Pick<Ports, 'log' | 'control' | 'chunks' | 'blob' | 'runtime' | 'codec'>;

/** A replica, at the FIRE that it has come to. */
type Known = Pick<Replica, 'position' | 'states'>;

/** Writers that are faster each have fired the timers: one more attempt finds nothing to do. */
const ATTEMPTS_MAX = 4;

export class FunctionClock {
  readonly #ports: ClockPorts;
  readonly #job: Job;
  readonly #functions: FunctionStates;

  constructor(ports: ClockPorts, job: Job) {
    this.#ports = ports;
    this.#job = job;
    this.#functions = new FunctionStates(ports, job);
  }

  /**
   * Fires the timers of partition `p` up to what the job has fired; true if an entry says so now. False where none is due, where others append all the time, and
   * where the log is frozen: they fire when the job goes on. Throws what a timer fails on (W10), and what the log and its state cannot be read for.
   */
  async advance(p: PartitionId, replica: Known): Promise<boolean> {
    const log = openPartitionLog(this.#ports, this.#job, p);
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const done = await this.#attempt(p, log, replica);
      if (done !== 'again') return done === 'appended';
    }
    return false;
  }

  async #attempt(p: PartitionId, log: PartitionLog, replica: Known): Promise<'appended' | 'nothing' | 'again'> {
    const head = await log.head();
    if (head === null) throw log.lostError();
    if (log.isExpired(head.entry)) throw log.expiredError(head.entry);
    if (head.entry.kind === 'FROZEN') return 'nothing';
    // What a firer knows anyway it reads no second time.
    const functions = await this.#functions.at(p, head.entry, async () => functionsIn(this.#job, p, replica));
    if (functions === null) return 'again';
    const folded = await this.#fold(p, head, functions, replica.position);
    if (folded === null) return 'nothing';
    return (await this.#append(log, head, { functions, folded })) ? 'appended' : 'again';
  }

  async #fold(p: PartitionId, { entry }: Head<PartitionEntry>, functions: PartitionFunctions, fired: Progress): Promise<FoldedTime | null> {
    const frame = functions.frame(fired, this.#ports.runtime.now());
    const fold = (): FoldedTime | null => foldTime(this.#job, { source: partsOf(p).source, origin: p, watermark: entry.watermark, fired, frame });
    return this.#functions.run({ job: this.#job, p, offset: entry.next }, fold);
  }

  async #append(log: PartitionLog, head: Head<PartitionEntry>, { functions, folded }: { functions: PartitionFunctions; folded: FoldedTime }): Promise<boolean> {
    const { runtime } = this.#ports;
    const segments = [folded.segment];
    const key = (): string => spillKey(log.key, head.entry.seq + 1, runtime.randomHex(16));
    const payload = await storePayload(this.#ports, encodeSegments(segments), this.#job.settings.spillInlineMax, key);
    const entry = log.next(head, { kind: 'TIME', ...carriedOver(head.entry), payload });
    // The commit point: behind it the timers have fired, whoever asks.
    if ((await log.append(head, entry)).kind !== 'appended') return false;
    functions.advance(entry, segments);
    folded.commit();
    return true;
  }
}
