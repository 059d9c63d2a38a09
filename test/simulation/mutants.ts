/** Defects between the engine and its ports; each of them breaks one law that exactly-once rests on. */
import { isError, StoreError } from '../../lib/core/errors.ts';
import type { Ports } from '../../lib/ports/ports.ts';
import { CONFIGS, type Config } from './configs.ts';

export interface Mutant {
  readonly config: Config;
  readonly mutant: (ports: Ports) => Ports;
  /** Seeds within which it must be caught. */
  readonly seeds: number;
}

export const MUTANTS: Readonly<Record<string, Mutant>> = {
  /** An append whose outcome is unknown is believed (protocol row 3). */
  assumeTimeoutIsSuccess: {
    config: CONFIGS.base,
    seeds: 20,
    mutant: (ports) => ({
      ...ports,
      log: {
        head: (log) => ports.log.head(log),
        get: (log, at) => ports.log.get(log, at),
        readAfter: (log, after, limit) => ports.log.readAfter(log, after, limit),
        append: async (log, item) => {
          try {
            return await ports.log.append(log, item);
          } catch (error) {
            if (error instanceof StoreError && error.happened === 'maybe') return { kind: 'appended' };
            throw error;
          }
        },
      },
    }),
  },
  /** The loser of a race is told that it won. */
  everybodyWins: {
    config: CONFIGS.base,
    seeds: 20,
    mutant: (ports) => ({
      ...ports,
      log: {
        head: (log) => ports.log.head(log),
        get: (log, at) => ports.log.get(log, at),
        readAfter: (log, after, limit) => ports.log.readAfter(log, after, limit),
        append: async (log, item) => {
          await ports.log.append(log, item);
          return { kind: 'appended' };
        },
      },
    }),
  },
  /** A sink that failed is taken for done: ACK without emission (F10). */
  emitTimeoutIsOk: {
    config: CONFIGS.stormy,
    seeds: 40,
    mutant: (ports) => ({
      ...ports,
      sinks: {
        open: async (job, node) => {
          const sink = await ports.sinks.open(job, node);
          return {
            fences: sink.fences,
            fence: (g) => sink.fence(g),
            emit: async (emission) => {
              try {
                return await sink.emit(emission);
              } catch (error) {
                if (isError(error, 'STORE_FAILED')) return { kind: 'durable' };
                throw error;
              }
            },
          };
        },
      },
    }),
  },
};
