/** PARSE_URL. */
import { javaUrl, type JavaUrl } from '../../java/url.ts';
import { stringOf, type Present } from '../../value-access.ts';
import { strict, type ScalarFunction } from '../function.ts';
import { STRINGS, inForms } from '../operands.ts';
import { aString } from './result.ts';

const isPart = (url: JavaUrl, name: string): name is keyof JavaUrl => Object.hasOwn(url, name);

/** A part by its name in upper case, or the value of a key of the query; NULL for any other part and for what is no URL. */
function parseUrl(value: Present, wanted: Present, key?: Present): string | null {
  const part = stringOf(wanted);
  const url = javaUrl(stringOf(value));
  if (url === null || !isPart(url, part)) return null;
  if (key === undefined) return url[part];
  return part === 'QUERY' && url.QUERY !== null ? valueOf(url.QUERY, stringOf(key)) : null;
}

function valueOf(query: string, key: string): string | null {
  const pair = query.split('&').find((candidate) => candidate.startsWith(`${key}=`));
  return pair === undefined ? null : pair.slice(key.length + 1);
}

export const PARSE_URL: ScalarFunction = {
  name: 'PARSE_URL',
  resolve: inForms('PARSE_URL', [[STRINGS, STRINGS], [STRINGS, STRINGS, STRINGS]], aString),
  nullable: () => true,
  compile: strict(parseUrl),
};
