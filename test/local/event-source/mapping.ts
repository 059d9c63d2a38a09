/** Requests that tests vary. */
import type { CreateMapping } from '../../../lib/local/event-source/mapping.ts';

export const request = (more: Partial<CreateMapping> = {}): CreateMapping => ({
  FunctionName: 'sluice-writer:job-g0',
  SelfManagedEventSource: { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: ['127.0.0.1:9092'] } },
  Topics: ['events'],
  StartingPosition: 'TRIM_HORIZON',
  SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: 'sluice-job-g0-0.events' },
  ...more,
});
