/**
 * The API as programs get it: the one that this process has. A bundle with a copy of its own would have its own classes (`SluiceError`, `Raw`), which are
 * not those that the engine asks for with `instanceof`; and its own mistakes, which an update of Sluice would not mend. A hook of the module loader would
 * do the same for imports of Node alone: it knows neither the bundles of functions nor the runners of tests.
 */
import * as api from '../api/index.ts';

/** What programs import. */
export const API = 'sluice/api';

const PROPERTY = 'sluice.api';

/** Puts the API where bundles look for it; whenever one is loaded. */
export function offerApi(): void {
  Object.defineProperty(globalThis, Symbol.for(PROPERTY), { value: api, configurable: true });
}

/** The module that stands in a bundle for the API: what is not used of it is left out, what the API does not have is an error of the bundler. */
export const apiModule = (): string =>
  [`const host = (name) => globalThis[Symbol.for('${PROPERTY}')][name];`, ...Object.keys(api).sort().map((name) => `export const ${name} = /* @__PURE__ */ host('${name}');`)].join('\n');
