/** Is a topic still the one that the job reads (W6)? Offsets of another topic under its name mean nothing. */
import { SluiceError } from '../core/errors.ts';
import type { Source, TopicInfo } from '../ports/source.ts';
import type { Job } from './job.ts';

/** Throws TOPIC_RECREATED, or TOPIC_UNKNOWN where there is none; a topic without an id is believed. */
export async function requireSameTopic(source: Source, job: Job, topic: string): Promise<void> {
  const problem = differentTopic(job, topic, await source.topic(topic));
  if (problem !== null) throw problem;
}

/** What is wrong with the topic that was found; null if it is the one that the job reads. */
export function differentTopic(job: Job, topic: string, info: TopicInfo | null): SluiceError | null {
  const expected = job.topicIds[topic] ?? null;
  if (expected === null || info?.id === expected) return null;
  if (info === null) return new SluiceError('TOPIC_UNKNOWN', { message: `topic ${topic} does not exist any more`, details: { topic, expected } });
  return new SluiceError('TOPIC_RECREATED', {
    message: `topic ${topic} was deleted and created again (id ${info.id ?? 'none'}, the job reads ${expected})`,
    hint: 'submit the job again: positions in the old topic mean nothing in the new one',
    details: { topic, expected, found: info.id },
  });
}
