/** Locations of savepoints, as users and CTRL hold them: a directory and a name in it. The options of an S3 address stay behind its path. */
import { withoutOptions } from '../core/s3-url.ts';

/** The savepoint `name` in a directory. */
export const locationIn = (directory: string, name: string): string => {
  const { place, options } = withoutOptions(directory);
  return `${place.replace(/\/+$/, '')}/${name}${options}`;
};

/** The savepoint that is meant by its directory, or by the `_metadata` in it. */
export const locationOf = (given: string): string => {
  const { place, options } = withoutOptions(given);
  return `${place.replace(/\/_metadata$/, '').replace(/\/+$/, '')}${options}`;
};

/** As Flink's clients are told: a path is a URL, too. */
export const urlOf = (location: string): string => (location.startsWith('/') ? `file:${location}` : location);
