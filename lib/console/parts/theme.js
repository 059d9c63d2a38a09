/** Dark and light: as the system has it, or as was chosen. */
import { html } from 'htm/preact';
import { useState } from 'preact/hooks';

const KEY = 'sluice-theme';
const THEMES = /** @type {const} */ (['auto', 'light', 'dark']);

const chosen = () => THEMES.find((theme) => theme === localStorage.getItem(KEY)) ?? 'auto';

/** @param {(typeof THEMES)[number]} theme */
function apply(theme) {
  document.documentElement.dataset['theme'] = theme;
  dispatchEvent(new Event('themechange'));
}

export const applyTheme = () => apply(chosen());

export function ThemeSwitch() {
  const [theme, setTheme] = useState(chosen);
  const onChange = (/** @type {{ currentTarget: HTMLSelectElement }} */ { currentTarget }) => {
    const next = THEMES.find((one) => one === currentTarget.value) ?? 'auto';
    localStorage.setItem(KEY, next);
    setTheme(next);
    apply(next);
  };
  return html`<label class="theme"><span class="unseen">Theme</span>
    <select value=${theme} onChange=${onChange}>${THEMES.map((one) => html`<option value=${one}>${one}</option>`)}</select>
  </label>`;
}
