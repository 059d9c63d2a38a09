/** Which checks there are for a place. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Stack } from '../../cloud/stack.ts';
import { isError } from '../../core/errors.ts';
import { readClientProperties } from '../../place/client-properties.ts';
import { brokersOf, checkUrls, isEmbedded, isReal, type PlaceUrls } from '../../place/urls.ts';
import type { Ports } from '../../ports/ports.ts';
import { withParts, type Context } from '../context.ts';
import { bucket } from './bucket.ts';
import { dataDirectory } from './directory.ts';
import type { Check } from './finding.ts';
import { jobsFinding, plansOf } from './jobs.ts';
import { kafka } from './kafka.ts';
import { restPort, versions } from './machine.ts';
import { table } from './table.ts';

export interface Examined {
  readonly context: Context;
  readonly urls: PlaceUrls;
  /** Null where this machine runs the jobs. */
  readonly stack: Stack | null;
  readonly port: number;
}

/** Throws OPTION_INVALID for addresses that are none. */
export function checksOf(examined: Examined): readonly Check[] {
  const { context, stack, port } = examined;
  const urls = checkUrls(examined.urls);
  const isHere = stack === null;
  return [
    versions(),
    ...(isHere ? [restPort(port)] : []),
    ...(isReal(urls) ? [] : [dataDirectory(context.dir)]),
    ...(isEmbedded(urls.store) ? [] : [table(urls.store, isHere)]),
    ...(isEmbedded(urls.blobs) ? [] : [bucket(urls.blobs, isHere)]),
    ...(hasStore(context, urls) ? [storeCheck(examined)] : []),
    ...kafkaChecks(examined),
  ];
}

/** A data directory that nobody has used yet is made by the first command that needs it. */
const hasStore = ({ dir }: Context, urls: PlaceUrls): boolean => isReal(urls) || existsSync(join(dir, 'store.db'));

/** What keeps a table or a bucket from answering is found by their own checks. */
const storeCheck = (examined: Examined): Check => ({
  what: 'store',
  look: async () => {
    try {
      return await inStore(examined, async (ports) => [await jobsFinding(ports)]);
    } catch (error) {
      if (!isError(error) || isEmbedded(examined.urls.store)) throw error;
      return [];
    }
  },
});

/** The brokers of a stack are for its functions to reach, unless somebody names them. */
function kafkaChecks(examined: Examined): readonly Check[] {
  const { context, urls, stack } = examined;
  const brokers = brokersOf(urls);
  if (brokers.kind === 'embedded' || (stack !== null && context.given.kafka === undefined)) return [];
  const plans = hasStore(context, urls) ? () => inStore(examined, plansOf) : async () => [];
  const client = async () => (context.kafkaConfig === null ? {} : readClientProperties(context.kafkaConfig));
  return [kafka({ brokers, client, plans })];
}

const inStore = <T>({ context, urls }: Examined, use: (ports: Ports) => Promise<T>): Promise<T> => withParts(context, urls, false, ({ workshop }) => use(workshop.ports));
