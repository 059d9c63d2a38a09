/** What the engine asks of its stores, counted as DynamoDB and S3 would charge for it. */
import type { Ports } from '../../lib/ports/ports.ts';
import { usdOf } from '../../lib/control/prices.ts';

/** Requests, the bytes they carry, and what is charged for: write units of 1 kB, read units of 4 kB. */
export class StoreCounts {
  readonly items = { writes: 0, writeBytes: 0, writeUnits: 0, reads: 0, readUnits: 0 };
  readonly objects = { writes: 0, writeBytes: 0, reads: 0 };

  reset(): void {
    Object.assign(this.items, { writes: 0, writeBytes: 0, writeUnits: 0, reads: 0, readUnits: 0 });
    Object.assign(this.objects, { writes: 0, writeBytes: 0, reads: 0 });
  }

  get requests(): number {
    return this.items.writes + this.items.reads + this.objects.writes + this.objects.reads;
  }

  get usd(): number {
    return usdOf('dynamodbWriteUnit', this.items.writeUnits) + usdOf('dynamodbReadUnit', this.items.readUnits) + usdOf('s3Put', this.objects.writes) + usdOf('s3Get', this.objects.reads);
  }

  wroteItem(bytes: number): void {
    this.items.writes++;
    this.items.writeBytes += bytes;
    this.items.writeUnits += Math.max(1, Math.ceil(bytes / 1024));
  }

  readItems(bytes: number): void {
    this.items.reads++;
    this.items.readUnits += Math.max(1, Math.ceil(bytes / 4096));
  }
}

const itemBytes = (item: { readonly body: string; readonly data: Uint8Array | null } | null): number => (item === null ? 0 : item.body.length + (item.data?.length ?? 0));

/** The ports with the logs, chunks and objects counted. */
export function counted(ports: Ports, counts: StoreCounts): Ports {
  const { log, chunks, blob, control } = ports;
  return {
    ...ports,
    log: {
      get serverTime() {
        return log.serverTime;
      },
      append: (key, item) => (counts.wroteItem(itemBytes(item)), log.append(key, item)),
      head: async (key) => read(counts, await log.head(key)),
      get: async (key, seq) => read(counts, await log.get(key, seq)),
      readAfter: async (key, after, limit) => {
        const page = await log.readAfter(key, after, limit);
        counts.readItems(page.items.reduce((bytes, item) => bytes + itemBytes(item), 0));
        return page;
      },
    },
    chunks: {
      put: (collection, key, chunk) => (counts.wroteItem(chunk.data.length), chunks.put(collection, key, chunk)),
      get: async (collection, key) => {
        const chunk = await chunks.get(collection, key);
        counts.readItems(chunk?.data.length ?? 0);
        return chunk;
      },
    },
    control: new Proxy(control, {
      get: (target, member) => {
        const value: unknown = Reflect.get(target, member, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          if (member === 'put') counts.wroteItem(String(args[1]).length);
          else counts.readItems(0);
          return Reflect.apply(value, target, args);
        };
      },
    }),
    blob: {
      ...bound(blob),
      put: (key, bytes) => {
        counts.objects.writes++;
        counts.objects.writeBytes += bytes.length;
        return blob.put(key, bytes);
      },
      get: (key, range) => {
        counts.objects.reads++;
        return blob.get(key, range);
      },
    },
  };
}

function read<T extends { readonly body: string; readonly data: Uint8Array | null } | null>(counts: StoreCounts, item: T): T {
  counts.readItems(itemBytes(item));
  return item;
}

const bound = (blob: Ports['blob']): Ports['blob'] => ({
  put: blob.put.bind(blob),
  get: blob.get.bind(blob),
  renew: blob.renew.bind(blob),
  list: blob.list.bind(blob),
  remove: blob.remove.bind(blob),
});
