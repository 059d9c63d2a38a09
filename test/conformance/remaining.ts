/** The differences that remain, from the list of README: names of cases, with `*` at the end for any text. */
import { readFileSync } from 'node:fs';

const README = readFileSync(new URL('README.md', import.meta.url), 'utf8');

/** A name, or the beginning of several. */
export interface Listed {
  readonly text: string;
  readonly covers: (name: string) => boolean;
}

const listed = (text: string): Listed => {
  const start = text.endsWith('*') ? text.slice(0, -1) : null;
  return { text, covers: (name) => (start === null ? name === text : name.startsWith(start)) };
};

export const REMAINING: readonly Listed[] = README.slice(README.indexOf('## What remains'))
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .flatMap((line) => [...(line.split(' | ')[0] ?? '').matchAll(/`([^`]+)`/g)].map(([, text = '']) => listed(text)));

export const isListed = (name: string): boolean => REMAINING.some(({ covers }) => covers(name));
