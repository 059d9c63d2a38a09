/** The web page: `/`, and what it loads below `/console/`. */
import { createHash } from 'node:crypto';
import { Content } from '../content.ts';
import { Refusal } from '../refusal.ts';
import { get, type Route } from '../route.ts';
import { object } from '../shape.ts';
import { pageFile, type PageFile } from './files.ts';

const NO_JSON = object({});

export const CONSOLE_ROUTES: readonly Route[] = [
  get({ path: '/', summary: 'The web page.', produces: 'text/html', isOpen: true }, NO_JSON, async () => {
    const file = await pageFile('', 'index.html');
    return file === null ? missing('index.html') : contentOf(file, { 'content-security-policy': policyOf(file) });
  }),
  get({ path: '/console/:file', summary: 'A file of the web page.', produces: 'text/javascript', isOpen: true }, NO_JSON, async (_, { params }) => answerWith('', params.file)),
  get({ path: '/console/:folder/:file', summary: 'A file in a folder of the web page, or of a package that it uses.', produces: 'text/javascript', isOpen: true }, NO_JSON, async (_, { params }) =>
    answerWith(params.folder, params.file),
  ),
];

async function answerWith(folder: string, name: string): Promise<Content | Refusal> {
  const file = await pageFile(folder, name);
  return file === null ? missing(name) : contentOf(file);
}

const missing = (name: string): Refusal => new Refusal(404, `Not found: the web page has no file ${name}.`);

/** Browsers keep them, and ask each time whether they are still the same. */
const contentOf = ({ contentType, text, etag }: PageFile, headers: Content['headers'] = {}): Content =>
  new Content(contentType, text, { etag, 'cache-control': 'no-cache', ...headers });

/** Everything comes from here. The one script inside the page is its import map, which browsers take from no file: its hash stands in the policy. */
function policyOf({ text }: PageFile): string {
  const [, map = ''] = /<script type="importmap">([^]*?)<\/script>/.exec(text) ?? [];
  const hash = createHash('sha256').update(map).digest('base64');
  return [
    "default-src 'none'",
    `script-src 'self' 'sha256-${hash}'`,
    "style-src 'self'",
    // The editor's marks are images in its styles.
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
