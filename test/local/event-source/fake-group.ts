/** A consumer group of one process, in memory: members that a test assigns partitions to, and offsets that it looks at. */
import type { GroupConsumer, GroupListener, OpenConsumer, SourceRecord, Subscription } from '../../../lib/local/event-source/group-consumer.ts';

export class FakeGroup {
  readonly members: FakeMember[] = [];
  /** What was committed, in order: `partition@next`. */
  readonly commits: string[] = [];
  /** Thrown by the next commits, one each. */
  readonly refusals: Error[] = [];

  readonly open: OpenConsumer = (subscription, listener) => {
    const member = new FakeMember(this, subscription, listener);
    this.members.push(member);
    return member;
  };

  /** The member that runs; there must be exactly one. */
  get only(): FakeMember {
    const [member, ...more] = this.members.filter((m) => m.isRunning);
    if (member === undefined || more.length > 0) throw new Error(`${more.length + (member === undefined ? 0 : 1)} members run`);
    return member;
  }
}

export class FakeMember implements GroupConsumer {
  readonly subscription: Subscription;
  readonly #group: FakeGroup;
  readonly #listener: GroupListener;
  readonly resumed: number[] = [];
  isRunning = false;

  constructor(group: FakeGroup, subscription: Subscription, listener: GroupListener) {
    this.#group = group;
    this.subscription = subscription;
    this.#listener = listener;
  }

  start(): void {
    this.isRunning = true;
  }

  resume(partition: number): void {
    this.resumed.push(partition);
  }

  async commit(next: ReadonlyMap<number, number>): Promise<void> {
    const refusal = this.#group.refusals.shift();
    if (refusal !== undefined) throw refusal;
    for (const [partition, offset] of next) this.#group.commits.push(`${partition}@${offset}`);
  }

  async stop(): Promise<void> {
    this.isRunning = false;
  }

  assign(...partitions: number[]): void {
    this.#listener.onAssigned(partitions);
  }

  /** Records with the offsets from `from` below `to`. */
  deliver(partition: number, from: number, to: number, bytes = 1): boolean {
    const records = Array.from({ length: to - from }, (_, i): SourceRecord => ({ offset: from + i, timestamp: 0, timestampType: 'CREATE_TIME', key: null, value: Buffer.alloc(bytes), headers: [] }));
    return this.#listener.onRecords(partition, records);
  }

  trouble(message: string): void {
    this.#listener.onTrouble(new Error(message));
  }
}
