/** Event source mappings of an alias. They are found by it, never by an identifier that somebody remembers. */
import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
  type EventSourceMappingConfiguration,
  type LambdaClient,
} from '@aws-sdk/client-lambda';
import { orInstead } from '../aws-requests.ts';
import { allPages, type ControlPlane } from './control-plane.ts';
import type { MappingRequest } from './mapping-request.ts';

export interface EventSourceMapping {
  readonly uuid: string;
  readonly topic: string;
  /** Creating, Enabling, Enabled, Disabling, Disabled, Updating, Deleting. */
  readonly state: string;
}

export interface EventSourceMappingsParts {
  readonly client: LambdaClient;
  readonly plane: ControlPlane;
}

const NOT_FOUND = 'ResourceNotFoundException';
/** In the middle of another change. */
const IN_USE = 'ResourceInUseException';

export class EventSourceMappings {
  readonly #parts: EventSourceMappingsParts;

  constructor(parts: EventSourceMappingsParts) {
    this.#parts = parts;
  }

  /** Those that deliver to this alias. */
  async of(aliasArn: string): Promise<EventSourceMapping[]> {
    const { client, plane } = this.#parts;
    return allPages(async (Marker) => {
      const list = new ListEventSourceMappingsCommand({ FunctionName: aliasArn, ...(Marker === undefined ? {} : { Marker }) });
      const { EventSourceMappings: found = [], NextMarker } = await plane.read('lambda:ListEventSourceMappings', aliasArn, (options) => client.send(list, options));
      return { items: found.map(mappingOf), next: NextMarker };
    });
  }

  /** `exists`: somebody else was faster, or an attempt of ours that nobody confirmed. */
  async create(request: MappingRequest): Promise<'created' | 'exists'> {
    const { client, plane } = this.#parts;
    const resource = `${request.FunctionName} for the topic ${request.Topics.join()}`;
    const create = new CreateEventSourceMappingCommand(request);
    const made = await plane.write('lambda:CreateEventSourceMapping', resource, (options) => orInstead(client.send(create, options), ['ResourceConflictException'], null));
    return made === null ? 'exists' : 'created';
  }

  /** Nothing is waited for, neither the end of polling nor that of another change, in the middle of which a mapping stays as it is. */
  async disable({ uuid, topic }: EventSourceMapping): Promise<void> {
    const { client, plane } = this.#parts;
    const disable = new UpdateEventSourceMappingCommand({ UUID: uuid, Enabled: false });
    await plane.write('lambda:UpdateEventSourceMapping', at(uuid, topic), (options) => orInstead(client.send(disable, options), [NOT_FOUND, IN_USE], null));
  }

  /** `in-use`: it has to be repeated. */
  async delete({ uuid, topic }: EventSourceMapping): Promise<'deleting' | 'in-use'> {
    const { client, plane } = this.#parts;
    const remove = new DeleteEventSourceMappingCommand({ UUID: uuid });
    return plane.write('lambda:DeleteEventSourceMapping', at(uuid, topic), async (options) => {
      const answer = await orInstead(orInstead(client.send(remove, options), [NOT_FOUND], 'gone'), [IN_USE], 'in-use');
      return answer === 'in-use' ? 'in-use' : 'deleting';
    });
  }
}

const at = (uuid: string, topic: string): string => `${uuid} for the topic ${topic}`;

const mappingOf = ({ UUID = '', Topics = [], State = '' }: EventSourceMappingConfiguration): EventSourceMapping => ({ uuid: UUID, topic: Topics[0] ?? '', state: State });
