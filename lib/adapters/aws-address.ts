/** Addresses of AWS services as users write them: `<scheme>://<place>[?endpoint=URL&region=R]`. */
import { SluiceError } from '../core/errors.ts';

/** Where requests go. What is absent comes from the SDK's own environment: AWS_REGION, AWS_ENDPOINT_URL, ~/.aws/config. */
export interface Destination {
  readonly endpoint?: string;
  readonly region?: string;
}

/** An address that was refused says what one looks like. */
export const refused = (url: string, why: string, form: string): SluiceError =>
  new SluiceError('OPTION_INVALID', { message: `'${url}' ${why}`, hint: `write ${form}` });

/** The options behind the `?`, each of which must be one of `names`. Throws OPTION_INVALID. */
export function optionsOf(url: string, query: string, names: readonly string[], form: string): URLSearchParams {
  const options = new URLSearchParams(query);
  for (const name of options.keys()) {
    if (!names.includes(name)) throw refused(url, `has the option '${name}'`, form);
    if (options.getAll(name).length > 1) throw refused(url, `has the option '${name}' twice`, form);
    if (options.get(name) === '') throw refused(url, `has the option '${name}' without a value`, form);
  }
  return options;
}

/** Where the options `endpoint` and `region` lead. Throws OPTION_INVALID. */
export function destinationOf(url: string, options: URLSearchParams, form: string): Destination {
  const endpoint = options.get('endpoint');
  const region = options.get('region');
  if (endpoint !== null && !isHttp(endpoint)) throw refused(url, `has the endpoint '${endpoint}', which is no http(s) URL`, form);
  return { ...(endpoint === null ? {} : { endpoint }), ...(region === null ? {} : { region }) };
}

const isHttp = (endpoint: string): boolean => /^https?:\/\/./.test(endpoint) && URL.canParse(endpoint);
