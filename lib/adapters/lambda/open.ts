/** Clients of the control planes, put together: what a function loads when it needs them. */
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import type { Destination } from '../aws-address.ts';
import { CLIENT_OPTIONS } from '../aws-requests.ts';
import { Aliases } from './aliases.ts';
import { LambdaConsumers } from './consumers.ts';
import { ControlPlane, type ControlPlaneParts } from './control-plane.ts';
import { EventSourceMappings } from './event-source-mappings.ts';
import type { EventSourceSettings } from './mapping-request.ts';
import { EventBridgeSchedule } from './schedule.ts';

export interface FunctionVersion {
  readonly name: string;
  /** Null: the newest published one. */
  readonly version: string | null;
}

export interface ConsumersOptions extends ControlPlaneParts {
  readonly writer: FunctionVersion;
  readonly firer: FunctionVersion;
  readonly settings: EventSourceSettings;
  readonly schedule: { enable(): Promise<void> };
  /** Of the functions. */
  readonly destination?: Destination;
  /** Lambda's API for event source mappings, where another endpoint than that of the functions has them; null: the same. */
  readonly eventSourcesEndpoint: string | null;
}

/** Sends nothing yet. */
export function openLambdaConsumers({ writer, firer, settings, schedule, destination = {}, eventSourcesEndpoint, ...parts }: ConsumersOptions): LambdaConsumers {
  const client = new LambdaClient({ ...CLIENT_OPTIONS, ...destination });
  const plane = new ControlPlane(placeOf('Lambda', destination.endpoint), parts);
  const aliases = ({ name, version }: FunctionVersion): Aliases => new Aliases({ client, plane, functionName: name, version });
  const mappings =
    eventSourcesEndpoint === null
      ? new EventSourceMappings({ client, plane })
      : new EventSourceMappings({
          client: new LambdaClient({ ...CLIENT_OPTIONS, ...destination, endpoint: eventSourcesEndpoint }),
          plane: new ControlPlane(placeOf('Lambda', eventSourcesEndpoint), parts),
        });
  return new LambdaConsumers({ writer: aliases(writer), firer: aliases(firer), mappings, settings, schedule });
}

/** `rule`: name of the rule. Sends nothing yet. */
export const openSchedule = (rule: string, { destination = {}, ...parts }: ControlPlaneParts & { readonly destination?: Destination }): EventBridgeSchedule =>
  new EventBridgeSchedule(new EventBridgeClient({ ...CLIENT_OPTIONS, ...destination }), new ControlPlane(placeOf('EventBridge', destination.endpoint), parts), rule);

const placeOf = (service: string, endpoint: string | undefined): string => (endpoint === undefined ? service : `${service} at ${endpoint}`);
