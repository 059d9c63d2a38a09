/** The token of a server that is not for its own machine alone. The browser keeps a cookie, which no script reads. */
import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import { Problem } from './parts/problem.js';
import { request } from './rest/request.js';
import { asRestError } from './rest/rest-error.js';

/** @import { RestError } from './rest/rest-error.js' */

export function Login() {
  const [token, setToken] = useState('');
  const [error, setError] = useState(/** @type {RestError | null} */ (null));
  useEffect(() => {
    document.title = 'Sign in · Sluice';
  }, []);
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    request('POST', 'sluice/v1/login', { token: token.trim() }).then(
      () => location.reload(),
      (thrown) => setError(asRestError(thrown)),
    );
  };
  return html`<form class="panel login" onSubmit=${submit}>
    <h1>Sign in</h1>
    <label class="field"><span>Token of this server</span>
      <input type="password" required autocomplete="current-password" value=${token} onInput=${(/** @type {{ currentTarget: HTMLInputElement }} */ { currentTarget }) => setToken(currentTarget.value)} />
      <small>It is in the file that the server was started with, or in its SLUICE_TOKEN.</small></label>
    ${error === null ? null : html`<${Problem} failure=${error} />`}
    <div class="actions"><button type="submit" class="primary">Sign in</button></div>
  </form>`;
}
