/** Lambda as its control planes show it: a fake of aliases and rules, and the event source mappings of a laptop with pollers that poll nothing. */
import { onTestFinished } from 'vitest';
import { aliasName } from '../../lib/adapters/lambda/alias-name.ts';
import type { EventSourceSettings } from '../../lib/adapters/lambda/mapping-request.ts';
import { openLambdaConsumers, openSchedule, type ConsumersOptions } from '../../lib/adapters/lambda/open.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { openEventSources, type EventSources } from '../../lib/local/event-source/event-sources.ts';
import { everyDelay } from '../../lib/local/event-source/lifecycle.ts';
import { serveRest } from '../../lib/local/event-source/rest.ts';
import type { Consumers } from '../../lib/ports/consumers.ts';
import type { ConsumersWorld } from '../contracts/consumers.ts';
import { FakeGroup } from '../local/event-source/fake-group.ts';
import { FakeTarget } from '../local/event-source/fake-target.ts';
import { ControlPlaneServer } from '../servers/control-plane.ts';
import { useTestCredentials } from '../servers/listening.ts';

export const WRITER = 'platform-writer-X1';
export const FIRER = 'platform-firer-X2';
export const RULE = 'platform-tick';

export const SELF_MANAGED: EventSourceSettings = {
  cluster: null,
  servers: 'one:9092,two:9092',
  authentication: null,
  secret: null,
  subnets: [],
  securityGroups: [],
  batchSize: 1000,
  batchWindowSeconds: null,
};

export interface LambdaWorld extends ConsumersWorld {
  readonly plane: ControlPlaneServer;
  readonly sources: EventSources;
  /** Of everything. */
  readonly endpoint: string;
  /** Where event source mappings can be reached without the plane. */
  readonly mappingsUrl: string;
  /** Another process of the same platform, or a platform with other settings. */
  open(options?: Partial<Pick<ConsumersOptions, 'writer' | 'firer' | 'settings' | 'eventSourcesEndpoint' | 'limits'>>): Consumers;
  readonly schedule: { enable(): Promise<void>; disable(): Promise<void> };
  close(): Promise<void>;
}

/** How long a change of a mapping takes. */
const DELAY_MS = 10;
const LOOKS_MAX = 500;

export async function lambdaWorld(delayMs = DELAY_MS): Promise<LambdaWorld> {
  useTestCredentials();
  const sources = openEventSources({ target: new FakeTarget(), open: new FakeGroup().open, runtime: nodeRuntime, delays: everyDelay(delayMs) });
  const rest = await serveRest({ sources, port: 0, lambdaEndpoint: null });
  const plane = new ControlPlaneServer(rest.url);
  const writer = plane.addFunction(WRITER, 1, 2, 3);
  const firer = plane.addFunction(FIRER, 1, 2, 3);
  plane.rules.set(RULE, 'DISABLED');
  const server = await plane.start();
  const destination = { endpoint: server.endpoint, region: 'us-east-1' };
  const schedule = openSchedule(RULE, { runtime: nodeRuntime, destination });
  const parts = { writer: { name: WRITER, version: null }, firer: { name: FIRER, version: null }, settings: SELF_MANAGED, eventSourcesEndpoint: null };
  const open: LambdaWorld['open'] = (options = {}) => openLambdaConsumers({ ...parts, schedule, destination, runtime: nodeRuntime, ...options });
  return {
    plane,
    endpoint: server.endpoint,
    sources,
    schedule,
    mappingsUrl: rest.url,
    open,
    first: open(),
    second: open(),
    see: async (job, g) => {
      const name = aliasName({ job, g });
      const mappings = (await sources.list()).filter(({ FunctionArn }) => FunctionArn.endsWith(`:${name}`));
      const parts = [writer.aliases.has(name), firer.aliases.has(name), firer.invocations.has(name), mappings.length > 0];
      if (!parts.includes(true)) return 'nothing';
      if (parts.includes(false) || !mappings.every(({ FunctionArn }) => FunctionArn.includes(WRITER))) return 'incomplete';
      const states = new Set(mappings.map(({ State }) => State));
      return states.size > 1 ? 'incomplete' : { topics: mappings.map(({ Topics: [topic = ''] }) => topic).toSorted(), isPaused: states.has('Disabled') };
    },
    settle: async () => {
      for (let n = 0; n < LOOKS_MAX; n++) {
        if ((await sources.list()).every(({ State }) => State === 'Enabled' || State === 'Disabled')) return;
        await nodeRuntime.sleep(5);
      }
      throw new Error('the mappings do not settle');
    },
    close: async () => {
      await server.stop();
      await rest.close();
      await sources.close();
    },
  };
}

export async function openedWorld(delayMs = DELAY_MS): Promise<LambdaWorld> {
  const world = await lambdaWorld(delayMs);
  onTestFinished(() => world.close());
  return world;
}

