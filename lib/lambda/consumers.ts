/** What the workflow function attaches generations with, from its environment. The clients are loaded when they are needed. */
import { nodeRuntime } from '../adapters/node/runtime.ts';
import type { FunctionVersion } from '../adapters/lambda/open.ts';
import type { EventSourceSettings } from '../adapters/lambda/mapping-request.ts';
import { SluiceError } from '../core/errors.ts';
import { NO_CONSUMERS, type Consumers } from '../ports/consumers.ts';
import { VARIABLES } from '../workflows/environment.ts';
import { listOf, required, variable, wholeNumber, type Environment } from './environment.ts';
import { authenticationFrom } from './kafka-client.ts';
import type { Schedule } from './schedule.ts';

/** Costs follow events per second: §18. */
const BATCH_SIZE = 1000;

/** NO_CONSUMERS where no functions are named: there a runner follows the store. Throws OPTION_INVALID. */
export function consumersFrom(environment: Environment): Consumers {
  const writer = functionFrom(environment, VARIABLES.writer, VARIABLES.writerVersion);
  const firer = functionFrom(environment, VARIABLES.firer, VARIABLES.firerVersion);
  if (writer === null && firer === null) return NO_CONSUMERS;
  if (writer === null || firer === null) throw new SluiceError('OPTION_INVALID', { message: `${VARIABLES.writer} and ${VARIABLES.firer} belong together`, hint: 'set both, or none on a laptop' });
  const options = { writer, firer, settings: eventSourcesFrom(environment), schedule: scheduleFrom(environment), eventSourcesEndpoint: variable(environment, VARIABLES.eventSourcesEndpoint), runtime: nodeRuntime };
  const open = once(async () => (await import('../adapters/lambda/open.ts')).openLambdaConsumers(options));
  return {
    attach: async (consumption) => (await open()).attach(consumption),
    pause: async (job, g) => (await open()).pause(job, g),
    detach: async (job, g) => (await open()).detach(job, g),
    attached: async () => (await open()).attached(),
  };
}

/** A schedule that does nothing where no rule is named. */
export function scheduleFrom(environment: Environment): Schedule {
  const rule = variable(environment, VARIABLES.schedule);
  if (rule === null) return { enable: async () => {}, disable: async () => {} };
  const open = once(async () => (await import('../adapters/lambda/open.ts')).openSchedule(rule, { runtime: nodeRuntime }));
  return { enable: async () => (await open()).enable(), disable: async () => (await open()).disable() };
}

/** Throws OPTION_INVALID. */
export function eventSourcesFrom(environment: Environment): EventSourceSettings {
  const kafka = required(environment, VARIABLES.kafka);
  return {
    cluster: variable(environment, VARIABLES.kafkaCluster),
    servers: kafka === 'tables' ? null : kafka,
    authentication: authenticationFrom(environment),
    secret: variable(environment, VARIABLES.kafkaSecret),
    subnets: listOf(environment, VARIABLES.kafkaSubnets),
    securityGroups: listOf(environment, VARIABLES.kafkaSecurityGroups),
    batchSize: wholeNumber(environment, VARIABLES.batchSize, { min: 1, max: 10_000, unit: 'records' }) ?? BATCH_SIZE,
    batchWindowSeconds: wholeNumber(environment, VARIABLES.batchWindowSeconds, { min: 0, max: 300, unit: 'seconds' }),
  };
}

function functionFrom(environment: Environment, name: string, version: string): FunctionVersion | null {
  const found = variable(environment, name);
  return found === null ? null : { name: found, version: variable(environment, version) };
}

/** What could not be loaded is loaded again. */
function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | null = null;
  return () =>
    (loaded ??= load().catch((error: unknown) => {
      loaded = null;
      throw error;
    }));
}
