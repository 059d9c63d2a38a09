/**
 * Consumers on AWS: per generation an alias `<job>-g<g>` on the writer and on the firer, and one event source mapping per topic on the writer's
 * (protocol I1, 11.1). Everything is found again by these names, so that nobody has to remember anything and every member can be repeated.
 */
import { StoreError } from '../../core/errors.ts';
import type { Generation, JobId } from '../../core/numbers.ts';
import type { Consumers, Consumption, GenerationName } from '../../ports/consumers.ts';
import { aliasName, generationIn } from './alias-name.ts';
import type { Aliases } from './aliases.ts';
import type { EventSourceMapping, EventSourceMappings } from './event-source-mappings.ts';
import { mappingRequest, type EventSourceSettings, type MappingRequest } from './mapping-request.ts';

export interface LambdaConsumersParts {
  readonly writer: Aliases;
  readonly firer: Aliases;
  readonly mappings: EventSourceMappings;
  readonly settings: EventSourceSettings;
  /** Ticks while there are consumers. */
  readonly schedule: { enable(): Promise<void> };
}

const PAUSED: readonly string[] = ['Disabled', 'Disabling', 'Deleting'];

export class LambdaConsumers implements Consumers {
  readonly #parts: LambdaConsumersParts;

  constructor(parts: LambdaConsumersParts) {
    this.#parts = parts;
  }

  /** Throws OPTION_INVALID and CONSUMERS_REFUSED for what has to be corrected, else StoreError. What exists is not written to; paused mappings stay paused. */
  async attach(consumption: Consumption): Promise<void> {
    const { writer, firer, settings, schedule } = this.#parts;
    const name = aliasName(consumption);
    const requestsOn = (functionName: string): MappingRequest[] => consumption.topics.map((topic) => mappingRequest(functionName, topic, consumption, settings));
    requestsOn(name); // What does not fit together is refused before anything is made.
    // First, so that whatever is made from here on is looked after by the tick, should this process go no further.
    await schedule.enable();
    // V5: what reads entries is deployed before what writes them.
    await firer.ensure(name);
    await firer.ensureInvokeConfig(name);
    const { arn } = await writer.ensure(name);
    const found = await this.#parts.mappings.of(arn);
    for (const request of requestsOn(arn)) if (!isMapped(request, found)) await this.#map(request, arn);
  }

  async pause(job: JobId, g: Generation): Promise<void> {
    const found = await this.#mappingsOf(aliasName({ job, g }));
    await allOf(found.filter(({ state }) => !PAUSED.includes(state)).map((mapping) => this.#parts.mappings.disable(mapping)));
  }

  /** Mappings go first: an alias that is gone could not be asked for them. Versions that only this generation held are collected. */
  async detach(job: JobId, g: Generation): Promise<void> {
    const { writer, firer } = this.#parts;
    const name = aliasName({ job, g });
    await this.#unmap(name);
    const left = (await Promise.all([writer, firer].map(async (aliases) => ((await aliases.get(name)) === null ? [] : [aliases])))).flat();
    for (const aliases of left) {
      await aliases.remove(name);
      await aliases.collect();
    }
  }

  /** An alias of either function: an `attach` that was slower than the end of its generation may have made only the writer's again. */
  async attached(): Promise<readonly GenerationName[]> {
    const names = await Promise.all([this.#parts.firer.names(), this.#parts.writer.names()]);
    return [...new Set(names.flat())].flatMap((name) => generationIn(name) ?? []);
  }

  async #map(request: MappingRequest, arn: string): Promise<void> {
    const isSettled = (await this.#parts.mappings.create(request)) === 'created' || isMapped(request, await this.#parts.mappings.of(arn));
    if (!isSettled) throw unsettled(`the mapping of the topic ${request.Topics.join()} is in the middle of a change`);
  }

  async #unmap(name: string): Promise<void> {
    const found = await this.#mappingsOf(name);
    await allOf(found.filter(({ state }) => state !== 'Deleting').map((mapping) => this.#parts.mappings.delete(mapping)));
    if (found.length > 0) throw unsettled(`event source mappings of ${name} are being deleted`);
  }

  async #mappingsOf(name: string): Promise<EventSourceMapping[]> {
    const alias = await this.#parts.writer.get(name);
    return alias === null ? [] : this.#parts.mappings.of(alias.arn);
  }
}

/** One that is being deleted is as good as gone. */
const isMapped = ({ Topics }: MappingRequest, found: readonly EventSourceMapping[]): boolean =>
  Topics.every((topic) => found.some((mapping) => mapping.topic === topic && mapping.state !== 'Deleting'));

const unsettled = (what: string): StoreError => new StoreError('no', { message: what, hint: 'repeat the operation in a while' });

/** Every one is tried and awaited, then the first failure is thrown. */
async function allOf(attempts: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(attempts);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
