/** The head of every view: where one is, and how fresh that is. */
import { html } from 'htm/preact';
import { clock } from '../words/format.js';
import { useNow } from './clock.js';
import { ThemeSwitch } from './theme.js';

/** @import { Feed } from '../rest/feed.js' */
/** @import { Route } from './route.js' */

const WORDS = { connecting: 'Connecting', live: 'Live', polling: 'Every 3 s', lost: 'Server gone' };

/** @param {{ route: Route, feed: Feed }} props */
export const Bar = ({ route, feed }) => html`
  <header class="bar">
    <button type="button" class="skip" onClick=${() => document.getElementById('main')?.focus()}>Skip to content</button>
    <a class="brand" href="#/jobs"><img src="console/icon.svg" alt="" width="20" height="20" />Sluice</a>
    <nav aria-label="Main">
      <a href="#/jobs" aria-current=${route.view === 'sql' ? null : 'page'}>Jobs</a>
      <a href="#/sql" aria-current=${route.view === 'sql' ? 'page' : null}>SQL</a>
    </nav>
    <${Freshness} feed=${feed} />
    <${ThemeSwitch} />
  </header>`;

/** @param {{ feed: Feed }} props */
function Freshness({ feed: { connection, asOf } }) {
  const now = useNow(1000);
  return html`<p class="freshness ${connection}"><span class="connection">${WORDS[connection]}</span>
    ${asOf === null ? null : html`<span class="as-of"> as of <time>${clock(asOf, now)}</time> UTC</span>`}
    <span class="unseen" role="status">${connection === 'lost' ? 'The server does not answer.' : ''}</span></p>`;
}

/** What is seen while nobody answers. @param {{ feed: Feed }} props */
export const Lost = ({ feed: { connection, error, asOf } }) =>
  connection !== 'lost' || error === null || error.status === 401
    ? null
    : html`<div class="lost">
        <strong>${error.status === 0 ? 'The server is gone.' : 'The server refuses.'}</strong>
        ${error.status === 0 ? null : html` ${error.code} ${error.message}`} ${error.hint} ${asOf === null ? '' : 'What you see is old.'} Trying again …
      </div>`;
