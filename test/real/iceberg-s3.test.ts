/** A hadoop catalog in S3 keeps the laws: the creation of a version file is a conditional put. */
import { randomUUID } from 'node:crypto';
import type { IcebergCatalog } from '../../lib/adapters/iceberg/catalog.ts';
import { nodeRuntime } from '../../lib/adapters/node/runtime.ts';
import { openIceberg } from '../../lib/place/iceberg.ts';
import { icebergCatalogContract } from '../contracts/iceberg-catalog.ts';
import { BUCKET } from '../services/environment.ts';
import { servers } from './servers.ts';

icebergCatalogContract('hadoop in S3', () => {
  const warehouse = `s3://${BUCKET}/warehouses/${randomUUID()}`;
  const open = (): IcebergCatalog => openIceberg({ 'catalog-type': 'hadoop', warehouse, 's3.endpoint': servers.s3, 's3.path-style-access': 'true' }, nodeRuntime).catalog;
  return { first: open(), second: open() };
});
