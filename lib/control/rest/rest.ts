/** What the endpoints share, while a process serves them. */
import { Counted } from '../metrics/counted.ts';
import { MetricsReader } from '../metrics/reader.ts';
import type { ControlPlane } from './control-plane.ts';
import { GatewaySessions } from './gateway/sessions.ts';
import { TaskCounts } from './jobmanager/task-counts.ts';
import type { Rest, SavepointOperation } from './route.ts';
import { Events } from './sluice/events.ts';
import { History } from './sluice/history.ts';
import { TriggeredHere } from './triggered.ts';

/** `onDefect` is called with what is a mistake of Sluice; clients learn nothing of it. `others`: what another one than this process carries out, or what this one has counted. */
export function restOn(plane: ControlPlane, onDefect: (thrown: unknown) => void, others: Partial<Rest> = {}): Rest {
  const options = { runtime: plane.runtime, onDefect };
  const watched = { plane, metrics: others.metrics ?? new MetricsReader({ plane, counted: new Counted(plane.runtime), offsets: plane.offsets }), history: new History() };
  return {
    ...watched,
    token: null,
    gateway: new GatewaySessions(plane.runtime, plane.openSession),
    savepoints: new TriggeredHere({ ...options, run: (operation: SavepointOperation, trigger) => leaveSavepoint(plane, operation, trigger) }),
    checkpoints: new TriggeredHere({ ...options, run: ({ job }, trigger) => plane.checkpoint(job, trigger) }),
    resumes: new TriggeredHere({ ...options, run: ({ job, ...wanted }, trigger) => plane.resume(job, wanted, trigger) }),
    disposals: new TriggeredHere({ ...options, run: ({ location }) => plane.dispose(location) }),
    tasks: new TaskCounts(plane),
    events: new Events(watched, onDefect),
    ...others,
  };
}

const leaveSavepoint = (plane: ControlPlane, operation: SavepointOperation, trigger: string): Promise<string> =>
  operation.kind === 'stop' ? plane.stop(operation.job, operation.directory, operation.drain, trigger) : plane.savepoint(operation.job, operation.directory, trigger);

const kindsOf = ({ savepoints, checkpoints, resumes, disposals }: Rest): readonly Pick<Rest['savepoints'], 'underWay' | 'settle'>[] => [savepoints, checkpoints, resumes, disposals];

/** Operations that were triggered, and end with this process. */
export const underWay = (rest: Rest): number => kindsOf(rest).reduce((sum, one) => sum + one.underWay(), 0);

/** Closes the sessions, and returns when the operations that were triggered have ended. */
export async function settle(rest: Rest): Promise<void> {
  await rest.gateway.close();
  await Promise.all(kindsOf(rest).map((one) => one.settle()));
}
