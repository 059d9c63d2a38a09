/** Locations on the disk in all the forms in which Iceberg's libraries write them. */
import { expect, test } from 'vitest';
import { pathOfLocation } from '../../lib/core/file-location.ts';

test.each([
  ['file:///w/a b%20c', '/w/a b%20c'],
  ['file:/w/a', '/w/a'],
  ['FILE:///w', '/w'],
  ['/w/a', '/w/a'],
  ['file://host/w', null],
  ['//host/w', null],
  ['s3://b/w', null],
  ['w/a', null],
])('%s', (location, path) => {
  expect(pathOfLocation(location)).toBe(path);
});
