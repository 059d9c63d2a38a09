/** The consumers of a generation, as the steps of operations make and end them (protocol 11.1 steps 5 and 6, 11.3, 11.4, 11.5 step 7). */
import { isError } from '../../core/errors.ts';
import type { Generation, JobId } from '../../core/numbers.ts';
import type { Consumption, ConsumedTopic } from '../../ports/consumers.ts';
import type { Ports } from '../../ports/ports.ts';
import type { Job } from '../job.ts';
import { groupOf } from '../keys.ts';

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

/** With the generation that is about to be attached: recorded before anything of it exists, so that nothing is forgotten. */
export const withAttached = (attached: readonly Generation[], g: Generation): readonly Generation[] => [...new Set([...attached, g])];

/** Attaches the generation, then ends those before it; returns what is left to be ended. */
export async function attachConsumers(ports: ConsumerPorts, job: Job, attached: readonly Generation[]): Promise<readonly Generation[]> {
  await ports.consumers.attach(consumptionOf(job));
  const left = await detachConsumers(ports, job.id, attached.filter((g) => g !== job.g));
  return [...left, job.g];
}

/** Only saves deliveries that would be refused: what hinders it does not hinder the stop. */
export async function pauseConsumers(ports: ConsumerPorts, job: Job): Promise<void> {
  try {
    await ports.consumers.pause(job.id, job.g);
  } catch (error) {
    if (!isError(error)) throw error;
  }
}

/** Ends the consumers of generations that have ended; those that are left are refused for good, and tried again by the tick. What passes is thrown. */
export async function detachConsumers(ports: ConsumerPorts, job: JobId, attached: readonly Generation[]): Promise<readonly Generation[]> {
  const left: Generation[] = [];
  for (const g of attached) {
    try {
      await ports.consumers.detach(job, g);
    } catch (error) {
      if (!isError(error) || error.kind === 'retry') throw error;
      left.push(g);
    }
  }
  return left;
}
