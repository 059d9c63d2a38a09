/**
 * The lab's job on real parts: the bundles in sandboxes, fed by the local event source, as `sluice up` has them. Nothing ticks by itself, so that a
 * test knows what every request was for.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { nodeRuntime } from '../../../lib/adapters/node/runtime.ts';
import type { JobId } from '../../../lib/core/numbers.ts';
import type { Plan } from '../../../lib/core/plan.ts';
import type { Job } from '../../../lib/engine/job.ts';
import { openControlledJob, readControl, type Workshop } from '../../../lib/engine/lifecycle/job-control.ts';
import { requestCreate } from '../../../lib/engine/lifecycle/start.ts';
import { runOperation } from '../../../lib/engine/lifecycle/workflow.ts';
import { localArn } from '../../../lib/lambda/alias.ts';
import type { FirerResult } from '../../../lib/lambda/firer-handler.ts';
import type { WorkflowEvent } from '../../../lib/lambda/workflow-handler.ts';
import { openEventSources, type EventSources } from '../../../lib/local/event-source/event-sources.ts';
import { kafkaConsumers } from '../../../lib/local/event-source/kafka-consumer.ts';
import { openFunctionHost, type FunctionHost } from '../../../lib/local/function-runner/hosts.ts';
import { requestsFor, type BatchOptions } from '../../../lib/local/function-runner/mappings.ts';
import { openRealPlace, type RealPlace } from '../../../lib/place/real.ts';
import type { PlaceUrls } from '../../../lib/place/urls.ts';
import { Timed } from './invocations.ts';
import { Lines } from './lines.ts';

export interface PlatformOptions {
  /** Of the functions; a store behind a proxy, for one. */
  readonly urls: PlaceUrls;
  /** Of the process that creates the job and looks at it; default: the same. */
  readonly direct?: PlaceUrls;
  /** `<directory>/<function>/index.mjs`. */
  readonly bundles: string;
  readonly batches: BatchOptions;
  /** Sandboxes of the writer. */
  readonly writers: number;
}

const TICK_MS = 1000;
const NAP_MS = 10;
const SETTLE_MAX = 100;

export class Platform {
  readonly job: Job;
  readonly workshop: Workshop;
  readonly lines: Lines;
  readonly #place: RealPlace;
  readonly #options: PlatformOptions;
  readonly #host: FunctionHost;
  readonly #timed: Timed;
  #sources: EventSources | null = null;

  private constructor(parts: { job: Job; place: RealPlace; options: PlatformOptions; host: FunctionHost; lines: Lines }) {
    this.job = parts.job;
    this.#place = parts.place;
    this.workshop = parts.place.workshop;
    this.#options = parts.options;
    this.#host = parts.host;
    this.#timed = new Timed(parts.host.functions);
    this.lines = parts.lines;
  }

  /** Creates the job; nothing is read before `start`. */
  static async open(plan: Plan, options: PlatformOptions): Promise<Platform> {
    const place = openRealPlace(options.direct ?? options.urls);
    const id = await requestCreate(place.workshop, plan, { savepoint: null, allowNonRestored: false });
    await runOperation(place.workshop, id);
    const job = await openControlledJob(place.workshop, id, (await readControl(place.workshop.ports, id)).control);
    const lines = new Lines();
    const host = await openFunctionHost({ ...options, environment: variablesOfAws(), onLine: (line) => lines.hear(line) });
    return new Platform({ job, place, options, host, lines });
  }

  get id(): JobId {
    return this.job.id;
  }

  /** Invocations so far, those that functions asked for themselves left out. */
  get invocations(): Timed['all'] {
    return this.#timed.all;
  }

  /** Creates the mappings, which begin to deliver a little later. */
  async start(): Promise<void> {
    const sources = openEventSources({ target: this.#timed, open: kafkaConsumers({ runtime: nodeRuntime }), runtime: nodeRuntime });
    this.#sources = sources;
    for (const request of requestsFor(this.job, this.#options.urls, this.#options.batches)) await sources.create(request);
  }

  /** As far as the firer can go now. */
  async fire(): Promise<FirerResult> {
    const answer = await this.#timed.invoke({ functionArn: localArn('sluice-firer', { job: this.job.id, g: this.job.g }), payload: '{"once":true}', type: 'RequestResponse' });
    if (answer.kind !== 'ok') throw new Error(`the firer failed: ${answer.errorType}: ${answer.message}`);
    const result: FirerResult = JSON.parse(answer.payload);
    return result;
  }

  /** An invocation of the workflow function. */
  async workflow(event: WorkflowEvent): Promise<unknown> {
    const answer = await this.#timed.invoke({ functionArn: localArn('sluice-workflow', null), payload: JSON.stringify(event), type: 'RequestResponse' });
    if (answer.kind !== 'ok') throw new Error(`the workflow function failed: ${answer.errorType}: ${answer.message}`);
    return JSON.parse(answer.payload);
  }

  /** Returns when that many records are committed, with a tick every second; throws after `maxMs`. */
  async untilCommitted(records: number, maxMs: number): Promise<void> {
    const end = performance.now() + maxMs;
    for (let tickAt = performance.now() + TICK_MS; this.lines.records < records; ) {
      if (performance.now() > end) throw new Error(`${this.lines.records} of ${records} records were committed in ${maxMs} ms: ${this.lines.problems[0] ?? 'no function failed'}`);
      if (performance.now() >= tickAt) {
        await this.fire();
        tickAt = performance.now() + TICK_MS;
      }
      await sleep(NAP_MS);
    }
  }

  /** Fires until nothing is due and everything was read. */
  async settle(): Promise<void> {
    for (let i = 0; i < SETTLE_MAX; i++) {
      const { outcome, hasReadAll } = await this.fire();
      if (outcome === 'idle' && hasReadAll) return;
    }
    throw new Error('the firer does not come to rest');
  }

  /** Ends the delivery; what is under way ends first. */
  async stop(): Promise<void> {
    await this.#sources?.close();
    this.#sources = null;
  }

  async close(): Promise<void> {
    await this.stop();
    await this.#host.close();
    await this.#place.close();
  }
}

/** Credentials, region and endpoints of this process, for functions. */
export const variablesOfAws = (): Record<string, string> =>
  Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (name.startsWith('AWS_') && value !== undefined ? [[name, value]] : [])));
