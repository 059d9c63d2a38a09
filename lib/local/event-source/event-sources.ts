/**
 * The event source mappings of this process: Lambda's API without HTTP. What is asked for is accepted at once and happens a little later, as
 * on AWS: the answer of `create` says `Creating`; `get` tells when it is `Enabled`.
 */
import type { Runtime } from '../../ports/runtime.ts';
import { refusal } from './exceptions.ts';
import { functionArnOf, LOCAL_ACCOUNT, type Account } from './function-arn.ts';
import { created, delayOf, deleted, LAPTOP_DELAYS, updated, type Delays, type Phase } from './lifecycle.ts';
import { NO_FILE, type MappingFile } from './mapping-file.ts';
import type { CreateMapping, Mapping, UpdateMapping } from './mapping.ts';
import type { PollerEvent } from './poller.ts';
import { groupOf, Polling, type PollingParts } from './polling.ts';
import { parseCreate, parseUpdate } from './validation.ts';

/** Every operation throws EVENT_SOURCE_REFUSED with Lambda's name of the exception (`exceptionOf`). */
export interface EventSources {
  /** ResourceConflictException where a mapping with this function, source and topic, or with this consumer group, exists. */
  create(request: CreateMapping): Promise<Mapping>;
  /** ResourceNotFoundException. */
  get(uuid: string): Promise<Mapping>;
  /** ResourceNotFoundException; ResourceInUseException while another change is under way: repeat it. `Disabled` does not wait for an invocation in flight. */
  update(uuid: string, change: UpdateMapping): Promise<Mapping>;
  /** In the order of creation. */
  list(filter?: MappingFilter): Promise<readonly Mapping[]>;
  /** As `update`; the mapping is gone a little later, its consumer group and offsets stay. */
  delete(uuid: string): Promise<Mapping>;
  /** Ends all polling; invocations in flight end, and what they have done is committed. The mappings' states stay as they are. */
  close(): Promise<void>;
}

export interface MappingFilter {
  readonly EventSourceArn?: string;
  /** As in `CreateMapping`; without an alias it means the function itself. */
  readonly FunctionName?: string;
}

export interface EventSourcesParts extends PollingParts {
  /** Default: 200 ms each. */
  readonly delays?: Delays;
  /** Where mappings outlive the process; default: nowhere. */
  readonly file?: MappingFile;
  /** Of ARNs that are made up here; default 000000000000 in us-east-1. */
  readonly account?: Account;
}

/** Mappings of `file` go on as they were. Throws FILE_UNREADABLE. */
export const openEventSources = (parts: EventSourcesParts): EventSources => new LocalEventSources(parts);

interface Entry {
  mapping: Mapping;
  phase: Phase;
  /** When `phase.next` is reached, ms of the monotonic clock. */
  settlesAt: number;
}

const TICK_MS = 10;
const MAPPINGS_MAX = 10_000;

class LocalEventSources implements EventSources {
  readonly #parts: EventSourcesParts;
  readonly #runtime: Runtime;
  readonly #entries = new Map<string, Entry>();
  readonly #polling: Polling;
  readonly #loop: Promise<void>;
  #isClosed = false;

  constructor(parts: EventSourcesParts) {
    this.#parts = parts;
    this.#runtime = parts.runtime;
    this.#polling = new Polling(parts);
    for (const { mapping, phase } of (parts.file ?? NO_FILE).load()) this.#begin(mapping, phase);
    this.#loop = this.#settle();
  }

  async create(request: CreateMapping): Promise<Mapping> {
    const { FunctionName, Enabled = true, ...fields } = parseCreate(request);
    const UUID = uuidOf(this.#runtime.randomHex(16));
    const account = this.#parts.account ?? LOCAL_ACCOUNT;
    const mapping: Mapping = {
      BatchSize: 100,
      ...fields,
      UUID,
      EventSourceMappingArn: `arn:aws:lambda:${account.region}:${account.account}:event-source-mapping:${UUID}`,
      FunctionArn: functionArnOf(FunctionName, account),
      State: 'Creating',
      StateTransitionReason: 'USER_INITIATED',
      LastProcessingResult: 'No records processed',
      LastModified: this.#runtime.now() / 1000,
    };
    this.#refuseConflict(mapping);
    return this.#change(mapping, created(Enabled));
  }

  async get(uuid: string): Promise<Mapping> {
    return this.#entry(uuid).mapping;
  }

  async list({ EventSourceArn, FunctionName }: MappingFilter = {}): Promise<readonly Mapping[]> {
    const arn = FunctionName === undefined ? null : functionArnOf(FunctionName, this.#parts.account ?? LOCAL_ACCOUNT);
    const all = [...this.#entries.values()].map((e) => e.mapping);
    return all.filter((m) => (EventSourceArn === undefined || m.EventSourceArn === EventSourceArn) && (arn === null || m.FunctionArn === arn));
  }

  async update(uuid: string, change: UpdateMapping): Promise<Mapping> {
    const { FunctionName, Enabled, ...settings } = parseUpdate(change);
    const { mapping, phase } = this.#entry(uuid);
    const FunctionArn = FunctionName === undefined ? mapping.FunctionArn : functionArnOf(FunctionName, this.#parts.account ?? LOCAL_ACCOUNT);
    const next = updated(uuid, phase, Enabled);
    return this.#change({ ...mapping, ...settings, FunctionArn, StateTransitionReason: 'USER_INITIATED', LastModified: this.#runtime.now() / 1000 }, next);
  }

  async delete(uuid: string): Promise<Mapping> {
    const { mapping, phase } = this.#entry(uuid);
    return this.#change(mapping, deleted(uuid, phase));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#loop;
    await this.#polling.close();
  }

  #change(mapping: Mapping, phase: Phase): Mapping {
    const answer = this.#begin(mapping, phase);
    this.#save();
    return answer;
  }

  #begin(mapping: Mapping, phase: Phase): Mapping {
    const delay = 'next' in phase ? delayOf(phase.state, this.#parts.delays ?? LAPTOP_DELAYS) : 0;
    const entry = { mapping: { ...mapping, State: phase.state }, phase, settlesAt: this.#runtime.elapsed() + delay };
    this.#entries.set(mapping.UUID, entry);
    if (phase.state === 'Enabled') this.#poll(entry.mapping);
    return entry.mapping;
  }

  async #settle(): Promise<void> {
    while (!this.#isClosed) {
      const now = this.#runtime.elapsed();
      for (const entry of this.#entries.values()) if ('next' in entry.phase && entry.settlesAt <= now) this.#reach(entry, entry.phase.next);
      await this.#runtime.sleep(TICK_MS);
    }
  }

  /** Pollers run with the settings they were started with: every settled state starts them anew, or ends them. */
  #reach({ mapping }: Entry, next: 'Enabled' | 'Disabled' | 'gone'): void {
    this.#polling.stop(mapping.UUID);
    if (next === 'gone') this.#entries.delete(mapping.UUID);
    else this.#begin(mapping, { state: next });
    this.#save();
  }

  #poll(mapping: Mapping): void {
    this.#polling.start(mapping, (event) => {
      const result = resultOf(event);
      const entry = this.#entries.get(mapping.UUID);
      if (result !== null && entry !== undefined) entry.mapping = { ...entry.mapping, LastProcessingResult: result };
    });
  }

  #save(): void {
    this.#parts.file?.save([...this.#entries.values()].map(({ mapping, phase }) => ({ mapping, phase })));
  }

  #entry(uuid: string): Entry {
    const entry = this.#entries.get(uuid);
    if (entry === undefined) throw refusal('ResourceNotFoundException', `there is no event source mapping ${uuid}`);
    return entry;
  }

  #refuseConflict(mapping: Mapping): void {
    if (this.#entries.size >= MAPPINGS_MAX) throw refusal('InvalidParameterValueException', `there are ${MAPPINGS_MAX} event source mappings already`);
    for (const { mapping: other } of this.#entries.values()) {
      const isSame = other.FunctionArn === mapping.FunctionArn && sourceKey(other) === sourceKey(mapping);
      if (isSame) throw refusal('ResourceConflictException', `${mapping.FunctionArn} reads ${mapping.Topics[0]} by the mapping ${other.UUID} already: update or delete that one`);
      if (groupOf(other) === groupOf(mapping)) throw refusal('ResourceConflictException', `the consumer group ${groupOf(mapping)} is that of the mapping ${other.UUID} already`);
    }
  }
}

function resultOf(event: PollerEvent): string | null {
  switch (event.kind) {
    case 'processed':
      return 'OK';
    case 'failed':
      return `PROBLEM: Function call failed: ${event.errorType}: ${event.message}`;
    case 'passedOver':
      return `PROBLEM: Record ${event.partition}:${event.offset} exceeds the payload of an event`;
    case 'trouble':
    case 'commitFailed':
      return `PROBLEM: Connection error: ${event.message}`;
    case 'assigned':
      return null;
  }
}

const sourceKey = ({ EventSourceArn, SelfManagedEventSource, Topics }: Mapping): string => JSON.stringify([EventSourceArn ?? SelfManagedEventSource, Topics]);

/** Version 4 of 16 random bytes in hex. */
const uuidOf = (hex: string): string => hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, '$1-$2-4$3-a$4-$5');
