/** `sluice up` on real parts, put together: bundles in sandboxes, fed from Kafka by consumer groups. */
import { LambdaClient } from '@aws-sdk/client-lambda';
import { resolve } from 'node:path';
import { nodeRuntime } from '../../adapters/node/runtime.ts';
import type { SluiceError } from '../../core/errors.ts';
import type { KafkaClusters } from '../../place/brokers.ts';
import { openEventSources } from '../event-source/event-sources.ts';
import { kafkaConsumers, plainConnection } from '../event-source/kafka-consumer.ts';
import { openBundles } from './bundles.ts';
import { runFunctions, type FunctionRunnerOptions } from './run-functions.ts';

export interface PlatformOptions extends Omit<FunctionRunnerOptions, 'bundles' | 'environment' | 'openEventSources'> {
  readonly kafka: KafkaClusters;
  /** A file of Kafka client properties; null if none is named. */
  readonly kafkaConfig: string | null;
}

/** As `runFunctions`. */
export async function runPlatform({ kafka, kafkaConfig, ...options }: PlatformOptions): Promise<readonly SluiceError[]> {
  const bundles = await openBundles();
  const open = kafkaConsumers({ runtime: nodeRuntime, connectionOf: (subscription) => ({ ...kafka.connectionOf(subscription.topic, subscription.brokers), ...plainConnection(subscription) }) });
  try {
    return await runFunctions({
      ...options,
      bundles: bundles.directory,
      environment: { AWS_REGION: await regionOf(), ...variablesOfAws(), ...(kafkaConfig === null ? {} : { SLUICE_KAFKA_CONFIG: resolve(kafkaConfig) }) },
      openEventSources: (target) => openEventSources({ target, open, runtime: nodeRuntime, pace: { splitsFailed: true } }),
    });
  } finally {
    await bundles.dispose();
  }
}

/** As the clients of this process find it: in the environment or in the profile. */
const regionOf = async (): Promise<string> => new LambdaClient({}).config.region().catch(() => LOCAL_REGION);
const LOCAL_REGION = 'us-east-1';

/** Credentials, region and endpoints: what the functions of AWS are given by their role and their place. */
const variablesOfAws = (): Record<string, string> =>
  Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (name.startsWith('AWS_') && value !== undefined ? [[name, value]] : [])));
