/** Statements, written and run. */
import { html } from 'htm/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { complete } from '../rest/gateway.js';
import { Problems } from './problems.js';
import { Results } from './results.js';
import { runAll, sessionHandle } from './run.js';
import { begunAt, statementsIn } from './statements.js';
import { useCheck } from './use-check.js';

/** @import { EditorView } from '@codemirror/view' */
/** @import { SqlProblem } from './positions.js' */
/** @import { Outcome } from './run.js' */

/** @typedef {typeof import('./editor.js')} Editing */
/** @typedef {{ readonly editing: Editing, readonly view: EditorView }} Editor */

const KEY = 'sluice-sql';
const EXAMPLE = '-- Ctrl-Enter runs what is selected, or all\nSHOW TABLES;\n';

export function SqlPage() {
  const [text, setText] = useState(() => localStorage.getItem(KEY) ?? EXAMPLE);
  const [isExplained, setExplained] = useState(false);
  const { outcomes, isRunning, run, stop } = useRun();
  const check = useCheck(text);
  const onText = (/** @type {string} */ next) => {
    localStorage.setItem(KEY, next);
    setText(next);
  };
  const { host, editor } = useEditor(text, onText, run);
  useEffect(() => {
    document.title = 'SQL · Sluice';
  }, []);
  useEffect(() => {
    if (editor !== null && check.text === text) editor.editing.markProblems(editor.view, check.problems);
  }, [editor, check]);
  return html`<h1>SQL</h1>
    <div class="editor" ref=${host}></div>
    <div class="actions start">
      ${isRunning ? html`<button type="button" class="primary" onClick=${stop}>Stop</button>` : html`<button type="button" class="primary" disabled=${editor === null} onClick=${() => editor !== null && run(editor.editing.chosenText(editor.view))}>Run</button>`}
      <button type="button" aria-expanded=${isExplained} onClick=${() => setExplained(!isExplained)}>Explain</button>
      <span class="faint keys"><kbd>Ctrl</kbd> <kbd>Enter</kbd> runs</span>
    </div>
    <${Problems} problems=${check.problems} onChoose=${(/** @type {SqlProblem} */ problem) => editor?.editing.goTo(editor.view, problem)} />
    ${isExplained ? html`<section class="panel" aria-labelledby="explain"><h2 id="explain">What the last INSERT would run</h2><pre class="explain scroll" tabindex="0">${check.explain ?? (check.problems.length > 0 ? 'Nothing, before the mistakes are mended.' : 'There is no INSERT in the text.')}</pre></section>` : null}
    <${Results} outcomes=${outcomes} />`;
}

/** The editor is loaded when it is needed: no other view waits for it. @param {string} text @param {(text: string) => void} onText @param {(script: string) => void} run */
function useEditor(text, onText, run) {
  const host = useRef(/** @type {HTMLDivElement | null} */ (null));
  const [editor, setEditor] = useState(/** @type {Editor | null} */ (null));
  useEffect(() => {
    /** @type {EditorView | null} */
    let view = null;
    let isWanted = true;
    void import('./editor.js').then((editing) => {
      if (!isWanted || host.current === null) return;
      const opened = editing.openEditor(host.current, text, {
        onText,
        onRun: () => run(editing.chosenText(opened)),
        complete: async (script, position) => {
          const begun = begunAt(script, position);
          return complete(await sessionHandle(), begun, begun.length);
        },
      });
      view = opened;
      setEditor({ editing, view: opened });
    });
    return () => {
      isWanted = false;
      view?.destroy();
    };
  }, []);
  return { host, editor };
}

function useRun() {
  const [outcomes, setOutcomes] = useState(/** @type {readonly Outcome[]} */ ([]));
  const [running, setRunning] = useState(/** @type {AbortController | null} */ (null));
  const current = useRef(/** @type {AbortController | null} */ (null));
  useEffect(() => () => current.current?.abort(), []);
  const run = (/** @type {string} */ script) => {
    current.current?.abort();
    const controller = new AbortController();
    current.current = controller;
    setRunning(controller);
    const onOutcomes = (/** @type {readonly Outcome[]} */ next) => current.current === controller && setOutcomes(next);
    void runAll(statementsIn(script), onOutcomes, controller.signal).then(() => setRunning((known) => (known === controller ? null : known)));
  };
  return { outcomes, isRunning: running !== null, run, stop: () => running?.abort() };
}
