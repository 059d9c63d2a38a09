/** The web page of Sluice. */
import { html, render } from 'htm/preact';
import { useEffect, useRef } from 'preact/hooks';
import { JobsView } from './jobs/jobs-view.js';
import { JobView } from './job/job-view.js';
import { Login } from './login.js';
import { Bar, Lost } from './parts/bar.js';
import { useRoute } from './parts/route.js';
import { applyTheme } from './parts/theme.js';
import { SqlPage } from './sql/sql-page.js';
import { useFeed } from './rest/use-feed.js';

/** @import { Feed } from './rest/feed.js' */
/** @import { Route } from './parts/route.js' */

function Page() {
  const route = useRoute();
  const feed = useFeed(route.view === 'job' ? route.id : null);
  const main = useRef(/** @type {HTMLElement | null} */ (null));
  const address = route.view === 'job' ? `${route.id}/${route.tab}` : route.view;
  const first = useRef(address);
  useEffect(() => {
    // Whoever follows a link finds the keyboard where the new view begins.
    if (first.current !== address) main.current?.focus({ preventScroll: true });
    first.current = '';
  }, [address]);
  return html`
    <${Bar} route=${route} feed=${feed} />
    <${Lost} feed=${feed} />
    <main id="main" tabindex="-1" ref=${main}>${feed.error?.status === 401 ? html`<${Login} />` : viewOf(route, feed)}</main>
    <footer class="foot">All times are UTC. <a href="sluice/v1/openapi.json">REST API</a></footer>`;
}

/** @param {Route} route @param {Feed} feed */
function viewOf(route, feed) {
  switch (route.view) {
    case 'jobs':
      return html`<${JobsView} feed=${feed} />`;
    case 'job':
      return html`<${JobView} key=${route.id} id=${route.id} tab=${route.tab} feed=${feed} />`;
    case 'sql':
      return html`<${SqlPage} />`;
  }
}

applyTheme();
const page = document.getElementById('page');
if (page !== null) {
  page.replaceChildren();
  render(html`<${Page} />`, page);
}
