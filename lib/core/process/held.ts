/** What a key holds in one state while a step is at work on it. Cells are immutable: a change takes the place of what was there, and can be taken back. */
import type { Cell } from './contents.ts';

export interface Held {
  /** What is held differs from the cell that it began with, or was written again. */
  readonly isChanged: boolean;
  /** The very cell that it began with where nothing changed. */
  cell(): Cell;
  /** Takes back whatever happens from now on. */
  undo(): () => void;
}
