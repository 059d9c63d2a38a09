/** The editor: CodeMirror, in a shadow root, since there it brings its styles in a way that the page's content policy allows. */
import { autocompletion, closeCompletion, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { sql } from '@codemirror/lang-sql';
import { bracketMatching, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { Prec } from '@codemirror/state';
import { drawSelection, EditorView, keymap, lineNumbers } from '@codemirror/view';
import { FLINK } from './dialect.js';
import { colours, look } from './editor-look.js';
import { rangeOf } from './positions.js';

/** @import { CompletionContext, CompletionResult } from '@codemirror/autocomplete' */
/** @import { SqlProblem } from './positions.js' */

/**
 * @typedef {object} EditorEvents
 * @property {(text: string) => void} onText
 * @property {() => void} onRun Ctrl-Enter
 * @property {(text: string, position: number) => Promise<readonly string[]>} complete
 */

/** @param {HTMLElement} host @param {string} text @param {EditorEvents} events @returns {EditorView} */
export function openEditor(host, text, { onText, onRun, complete }) {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  const run = (/** @type {EditorView} */ view) => {
    closeCompletion(view);
    onRun();
    return true;
  };
  return new EditorView({
    parent: root,
    root,
    doc: text,
    extensions: [
      Prec.highest(keymap.of([{ key: 'Mod-Enter', run }])),
      lineNumbers(),
      lintGutter(),
      history(),
      drawSelection(),
      bracketMatching(),
      sql({ dialect: FLINK }),
      syntaxHighlighting(colours),
      autocompletion({ override: [(context) => candidates(context, complete)] }),
      // Tab goes on to the next control: nobody is held in the editor.
      keymap.of([...completionKeymap, ...lintKeymap, ...defaultKeymap, ...historyKeymap]),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ 'aria-label': 'SQL', spellcheck: 'false' }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) onText(update.state.doc.toString());
      }),
      look,
    ],
  });
}

/** @param {EditorView} view @param {readonly SqlProblem[]} problems */
export function markProblems(view, problems) {
  const text = view.state.doc.toString();
  const marks = problems.map((problem) => {
    const { code, message, hint } = problem;
    return { ...rangeOf(text, problem), severity: /** @type {const} */ ('error'), message: `${message}${hint === null ? '' : `\n${hint}`}`, source: code };
  });
  view.dispatch(setDiagnostics(view.state, marks));
}

/** @param {EditorView} view @param {SqlProblem} problem */
export function goTo(view, problem) {
  view.dispatch({ selection: { anchor: rangeOf(view.state.doc.toString(), problem).from }, scrollIntoView: true });
  view.focus();
}

/** What is chosen, or all. @param {EditorView} view @returns {string} */
export function chosenText({ state }) {
  const { from, to } = state.selection.main;
  return from === to ? state.doc.toString() : state.sliceDoc(from, to);
}

/** @param {CompletionContext} context @param {EditorEvents['complete']} complete @returns {Promise<CompletionResult | null>} */
async function candidates(context, complete) {
  const word = context.matchBefore(/[\w`]+/);
  if (word === null && !context.explicit) return null;
  const found = await complete(context.state.doc.toString(), context.pos).catch(() => []);
  return found.length === 0 ? null : { from: word?.from ?? context.pos, options: found.map((label) => ({ label })), validFor: /^[\w`]*$/ };
}
