/** The consumers of a generation, as the steps of operations make and end them (protocol 11.1 steps 5 and 6, 11.3, 11.4, 11.5 step 7). */
import { isError, type SluiceError } from '../../core/errors.ts';
import type { Generation, JobId } from '../../core/numbers.ts';
import type { Consumption, ConsumedTopic } from '../../ports/consumers.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Job } from '../job.ts';
import { groupOf } from '../keys.ts';
import { isFinal, readControl, type Workshop } from './job-control.ts';

type ConsumerPorts = Pick<Ports, 'consumers'>;

/** What delivers to this generation: tables over the same topic share a group, that of the first of them. */
export function consumptionOf({ id, g, dataflow }: Job): Consumption {
  const topics = new Map<string, ConsumedTopic>();
  for (const { index, node } of dataflow.sources) {
    for (const topic of node.topics) if (!topics.has(topic)) topics.set(topic, { topic, group: groupOf(id, g, index, topic), properties: propertiesOf(node.options) });
  }
  const { options } = dataflow.plan;
  return { job: id, g, topics: [...topics.values()], batchSize: countOf(options['sluice.batch-size']), batchWindowSeconds: countOf(options['sluice.batch-window-seconds']) };
}

const countOf = (text: string | undefined): number | null => (text === undefined ? null : Number(text));

const PREFIX = 'properties.';
const propertiesOf = (options: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(options).flatMap(([key, value]) => (key.startsWith(PREFIX) ? [[key.slice(PREFIX.length), value]] : [])));

/** Attaches the generation, then ends those before it. */
export async function attachConsumers(ports: ConsumerPorts, job: Job): Promise<void> {
  await ports.consumers.attach(consumptionOf(job));
  await detachConsumers(ports, job.id, (g) => g < job.g);
}

/** Only saves deliveries that would be refused: what hinders it does not hinder the stop. */
export async function pauseConsumers(ports: ConsumerPorts, job: Job): Promise<void> {
  try {
    await ports.consumers.pause(job.id, job.g);
  } catch (error) {
    if (!isError(error)) throw error;
  }
}

/** Begins to end the consumers of generations of a job that have ended: what takes its time, or is refused, is left to the sweep. */
export async function detachConsumers(ports: ConsumerPorts, job: JobId, hasEnded: (g: Generation) => boolean): Promise<void> {
  const attached = (await ports.consumers.attached()).filter((name) => name.job === job && hasEnded(name.g));
  for (const { g } of attached) {
    try {
      await ports.consumers.detach(job, g);
    } catch (error) {
      if (!isError(error)) throw error;
    }
  }
}

export interface Sweep {
  /** Consumers of generations that have ended, and are there still. */
  readonly left: number;
  /** Why, of each that could not be ended. */
  readonly troubles: readonly { readonly job: JobId; readonly error: SluiceError }[];
}

/**
 * Ends what no operation will end: consumers of jobs that FAILED, and those that an `attach` has made whose process was slower than the end of its
 * generation. A generation that has ended never begins again, so anybody may do this at any time.
 */
export async function sweepConsumers({ ports }: Pick<Workshop, 'ports'>): Promise<Sweep> {
  const troubles: { job: JobId; error: SluiceError }[] = [];
  for (const { job, g } of await ports.consumers.attached()) {
    try {
      if (await hasEnded(ports, job, g)) await ports.consumers.detach(job, g);
    } catch (error) {
      if (!isError(error)) throw error;
      troubles.push({ job, error });
    }
  }
  return { left: troubles.length, troubles };
}

async function hasEnded(ports: Pick<Ports, 'control'>, job: JobId, g: Generation): Promise<boolean> {
  const { gen, status, operation } = (await readControl(ports, job)).control;
  return g < gen || (g === gen && isFinal(status) && operation === null);
}
