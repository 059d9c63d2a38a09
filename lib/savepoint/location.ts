/** Locations of savepoints, as users and CTRL hold them: a directory and a name in it. The options of an S3 address stay behind its path. */

/** The savepoint `name` in a directory. */
export const locationIn = (directory: string, name: string): string => {
  const { path, options } = partsOf(directory);
  return `${path.replace(/\/+$/, '')}/${name}${options}`;
};

/** The savepoint that is meant by its directory, or by the `_metadata` in it. */
export const locationOf = (given: string): string => {
  const { path, options } = partsOf(given);
  return `${path.replace(/\/_metadata$/, '').replace(/\/+$/, '')}${options}`;
};

/** A question mark is part of the path of a file. */
function partsOf(location: string): { path: string; options: string } {
  const options = /^s3[ap]?:/i.test(location) ? location.indexOf('?') : -1;
  return options < 0 ? { path: location, options: '' } : { path: location.slice(0, options), options: location.slice(options) };
}
