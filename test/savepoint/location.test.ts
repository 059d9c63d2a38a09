/** Locations of savepoints: below a directory of any kind, and found again. */
import { expect, test } from 'vitest';
import { bucketAddressOf } from '../../lib/adapters/s3/address.ts';
import { locationIn, locationOf } from '../../lib/savepoint/location.ts';

test.each([
  ['/data/savepoints', '/data/savepoints/sp'],
  ['/data/savepoints/', '/data/savepoints/sp'],
  ['/what?/savepoints', '/what?/savepoints/sp'],
  ['s3://bucket', 's3://bucket/sp'],
  ['s3a://bucket/a/', 's3a://bucket/a/sp'],
  ['s3://bucket/a/?region=eu-central-1', 's3://bucket/a/sp?region=eu-central-1'],
])('in %s it is %s, also by its _metadata', (directory, location) => {
  expect(locationIn(directory, 'sp')).toBe(location);
  expect(locationOf(location)).toBe(location);
  expect(locationOf(locationIn(location, '_metadata'))).toBe(location);
});

test('the options of an S3 address stay options', () => {
  const { prefix, destination } = bucketAddressOf(locationIn('s3://bucket/a?endpoint=http://127.0.0.1:9000', 'sp'));
  expect([prefix, destination.endpoint]).toEqual(['a/sp/', 'http://127.0.0.1:9000']);
});
