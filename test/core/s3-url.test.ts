/** Addresses in S3: one meaning, wherever one is read. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isS3, partsOfS3, withoutOptions } from '../../lib/core/s3-url.ts';

test.each(['s3', 's3a', 's3n', 's3p', 'S3'])('%s', (scheme) => {
  expect(isS3(`${scheme}://b/k`)).toBe(true);
  expect(partsOfS3(`${scheme}://b/k/l?region=R`)).toEqual({ bucket: 'b', key: 'k/l', query: 'region=R' });
  expect(partsOfS3(`${scheme}://b`)).toEqual({ bucket: 'b', key: '', query: undefined });
  expect(withoutOptions(`${scheme}://b/k?region=R`)).toEqual({ place: `${scheme}://b/k`, options: '?region=R' });
});

test.each(['/s3://b', 'file:///b?x', 'hdfs://b', 's3x://b', 's3'])('%s is something else', (url) => {
  expect(isS3(url)).toBe(false);
  expect(partsOfS3(url)).toBeNull();
  expect(withoutOptions(url)).toEqual({ place: url, options: '' });
});

test('nobody else knows the schemes', () => {
  const root = join(import.meta.dirname, '../../lib');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  // Warehouses of Iceberg have locations of their own form.
  expect(files.filter((file) => /s3\[/.test(readFileSync(join(root, file), 'utf8')) && file !== 'place/warehouse.ts')).toEqual(['core/s3-url.ts']);
});
