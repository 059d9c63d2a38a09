/** A defect as data: text of a module of the engine that is replaced where the module is loaded, and nowhere else. */
export interface Edit {
  /** Path from the root of the project. */
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

export const edit = (file: string, find: string, replace: string): Edit => ({ file, find, replace });

/** The text with all edits made, one after the other. Throws where a text to find is not there exactly once: the mutant has rotted. */
export function applyEdits(source: string, edits: readonly Edit[]): string {
  return edits.reduce((text, { file, find, replace }) => {
    const parts = text.split(find);
    if (parts.length !== 2) throw new Error(`${file}: the text to replace occurs ${parts.length - 1} times, not once:\n${find}`);
    return parts.join(replace);
  }, source);
}
