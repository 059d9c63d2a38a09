/** How many queries without an end run at once in a process: the state of each may take some hundreds of megabytes. */
import { SluiceError } from '../../../core/errors.ts';
import type { SessionParts } from '../../session.ts';
import type { Change, Changes } from '../../statement-result.ts';

type Open = NonNullable<SessionParts['openLiveQuery']>;

const QUERIES_MAX = 4;

/** Opens as `open` does, for all sessions of a process. Throws GATEWAY_REFUSED where too many are open: one is until it has been read to its end, fails, or is ended. */
export function boundedQueries(open: Open, max = QUERIES_MAX): Open {
  const places = new Set<object>();
  return async (plan) => {
    if (places.size >= max) throw tooMany(max);
    const place = {};
    places.add(place);
    const leave = (): void => void places.delete(place);
    try {
      return leaving(await open(plan), leave);
    } catch (error) {
      leave();
      throw error;
    }
  };
}

const tooMany = (max: number): SluiceError =>
  new SluiceError('GATEWAY_REFUSED', {
    message: `${max} queries without an end are open, and one process runs no more at once`,
    hint: 'end one (Ctrl-C in its client), or write the result with INSERT INTO: a job keeps its state in the store',
  });

const leaving = (query: Changes, leave: () => void): Changes => ({
  ...query,
  changes: untilOver(query.changes, leave),
  end: async () => {
    await query.end();
    leave();
  },
});

async function* untilOver(changes: Changes['changes'], leave: () => void): AsyncGenerator<readonly Change[]> {
  try {
    yield* changes;
  } finally {
    leave();
  }
}
