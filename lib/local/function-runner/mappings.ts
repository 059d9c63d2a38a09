/** The event source mappings of the generations that run: one per source topic, each with a consumer group of its own (protocol I1). */
import { mappingRequest } from '../../adapters/lambda/mapping-request.ts';
import { SluiceError } from '../../core/errors.ts';
import type { Generation, JobId } from '../../core/numbers.ts';
import type { Job } from '../../engine/job.ts';
import { consumptionOf } from '../../engine/lifecycle/consumers.ts';
import { localArn } from '../../lambda/alias.ts';
import { brokersOf, type PlaceUrls } from '../../place/urls.ts';
import type { EventSources } from '../event-source/event-sources.ts';
import type { CreateMapping } from '../event-source/mapping.ts';

export interface BatchOptions {
  /** Records of one event at most, 1 to 10,000. */
  readonly batchSize: number;
  /** 0 to 300. */
  readonly batchingWindowSeconds: number;
}

export class Mappings {
  readonly #sources: EventSources;
  readonly #urls: PlaceUrls;
  readonly #batches: BatchOptions;
  readonly #made = new Map<JobId, { readonly g: Generation; readonly uuids: string[] }>();

  constructor(sources: EventSources, urls: PlaceUrls, batches: BatchOptions) {
    this.#sources = sources;
    this.#urls = urls;
    this.#batches = batches;
  }

  /** Creates those of a generation that are not there yet, and deletes those of another one: a call that failed is continued by the next one. */
  async start(job: Job): Promise<void> {
    if (this.#made.get(job.id)?.g !== job.g) await this.end(job.id);
    const uuids: string[] = this.#made.get(job.id)?.uuids ?? [];
    this.#made.set(job.id, { g: job.g, uuids });
    for (const request of requestsFor(job, this.#urls, this.#batches).slice(uuids.length)) uuids.push((await this.#sources.create(request)).UUID);
  }

  /** What holds the polling of a job up: brokers that do not answer, a function that ends with an error. */
  async problemsOf(id: JobId): Promise<SluiceError[]> {
    const mappings = await Promise.all((this.#made.get(id)?.uuids ?? []).map((uuid) => this.#sources.get(uuid)));
    return mappings.flatMap(({ Topics: [topic = ''], LastProcessingResult }) => problemIn(topic, LastProcessingResult) ?? []);
  }

  /** Deletes those of a job; as `start`, it can be repeated. */
  async end(id: JobId): Promise<void> {
    const uuids = this.#made.get(id)?.uuids ?? [];
    for (let uuid = uuids.at(-1); uuid !== undefined; uuid = uuids.at(-1)) {
      await this.#sources.delete(uuid);
      uuids.pop();
    }
    this.#made.delete(id);
  }
}

/** The result as Lambda words it. */
function problemIn(topic: string, result: string): SluiceError | null {
  const [, what, why] = /^PROBLEM: (Connection error|Function call failed): (.*)$/s.exec(result) ?? [];
  if (why === undefined) return null;
  // What Sluice means to throw, the function has told in a line of its own.
  if (/^(Sluice|Store)Error:/.test(why)) return null;
  if (what === 'Function call failed') return new SluiceError('FUNCTION_FAILED', { message: `topic ${topic}: sluice-writer: ${why}`, details: { topic } });
  return new SluiceError('STORE_FAILED', { message: `topic ${topic} cannot be read: ${why}`, hint: BROKERS, details: { topic } });
}

const BROKERS = 'check that the brokers run, that --kafka names them, and what the user of this connection may do; it is tried again';

/** As Lambda is asked for them in a deployment, but for brokers without authentication: the runner's own connection has it. */
export function requestsFor(job: Job, urls: PlaceUrls, { batchSize, batchingWindowSeconds }: BatchOptions): CreateMapping[] {
  const brokers = brokersOf(urls);
  const servers = brokers.kind === 'servers' ? brokers.servers : null;
  const settings = { cluster: null, servers, authentication: null, secret: null, subnets: [], securityGroups: [], batchSize, batchWindowSeconds: batchingWindowSeconds };
  const functionName = localArn('sluice-writer', { job: job.id, g: job.g });
  const consumption = consumptionOf(job);
  return consumption.topics.map((topic) => mappingRequest(functionName, topic, consumption, settings));
}
