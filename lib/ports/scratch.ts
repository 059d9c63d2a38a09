/** Stores of a job that leaves nothing behind: what they hold is gone with them. */
import type { Seq } from '../core/numbers.ts';
import type { LogKey } from './log.ts';
import type { Ports } from './ports.ts';

export interface Scratch {
  readonly ports: Pick<Ports, 'log' | 'control' | 'chunks' | 'blob' | 'openDirectory' | 'offsets' | 'consumers'>;
  /** Bytes of all entries, chunks and objects that are held. */
  readonly bytes: number;
  /**
   * Forgets all else. Of a log that `needs` does not name nothing is forgotten. Only for a job whose writer and firer are in this process alone: nobody else may
   * hold a head from below (G1).
   */
  keep(needs: ScratchNeeds): void;
}

export interface ScratchNeeds {
  /** The first entry of each log. */
  readonly from: ReadonlyMap<LogKey, Seq>;
  /** Keys of chunks and objects. */
  readonly chunks: ReadonlySet<string>;
}

export type OpenScratch = () => Scratch;
