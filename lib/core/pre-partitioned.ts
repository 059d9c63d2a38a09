/** What a function that runs in the writer (protocol 13.3, stateful partition mode) asks of the plan around it. */
import type { Dataflow, FunctionFlow } from './dataflow.ts';
import { SluiceError } from './errors.ts';

/** JOB_DEFINITION where a plan has such a function, and writers cannot run it. */
export function requirePrePartitioned(dataflow: Dataflow): void {
  for (const flow of dataflow.functions.filter(({ prePartitioned }) => prePartitioned)) {
    const obstacle = obstacleOf(dataflow, flow);
    if (obstacle === null) continue;
    throw new SluiceError('JOB_DEFINITION', { message: `process ${flow.uid}: ${obstacle}`, hint: 'key its stream with keyBy: it runs behind a shuffle then, with the same results' });
  }
}

function obstacleOf({ sources, stages, values, isOnEvent }: Dataflow, { uid, sources: own, fn, paths }: FunctionFlow): string | null {
  const [only, second] = own.map((index) => sources[index]);
  const above = [...stages, ...values].some((flow) => flow.paths.some(({ to }) => to.uid === uid));
  if (above) return 'a stream of a window, or of another function with state, has no partitions, so reinterpretAsKeyed cannot take it';
  if (only === undefined || second !== undefined || only.node.topics.length !== 1) return 'reinterpretAsKeyed takes the stream of one topic: the partitions of several have nothing to do with one another';
  if (isOnEvent) return "reinterpretAsKeyed does not go with 'scan.watermark.emit.strategy' = 'on-event', with which watermarks move within a batch";
  // What a timer gives, at a time that the job has fired, would be late to them.
  const below = paths.some(({ to }) => to.kind === 'stage');
  return fn.onTimer !== undefined && below ? 'it has timers and runs within partitions, so what it gives goes to sinks, not to windows and functions with state' : null;
}
