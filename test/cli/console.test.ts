/** Lines on a terminal, where standard output and standard error meet. */
import { expect, test } from 'vitest';
import { printingTo, type Lines } from '../../lib/cli/console.ts';

/** What a terminal of this width is sent, by both streams; `CLEAR` stands for the sequence that empties a line. */
function terminal(stdout: Omit<Lines, 'write'>, stderr: Omit<Lines, 'write'>): { sent: () => string } & ReturnType<typeof printingTo> {
  const texts: string[] = [];
  const write = (text: string): void => void texts.push(text);
  return { sent: () => texts.splice(0).join('').replaceAll('\r\u001b[K', 'CLEAR '), ...printingTo({ ...stdout, write }, { ...stderr, write }) };
}

test('what is printed takes the place of the line of progress, to whichever stream', () => {
  const { out, err, progress, sent } = terminal({ isTTY: true }, { isTTY: true, columns: 20 });
  progress('waiting ... 0.2 s');
  progress('waiting ... 0.4 s');
  out('a row');
  expect(sent()).toBe('waiting ... 0.2 sCLEAR waiting ... 0.4 sCLEAR a row\n');
  progress('a line that is wider than this');
  err('[WARN] trouble');
  expect(sent()).toBe('a line that is wid…CLEAR [WARN] trouble\n');
  progress('waiting');
  progress('');
  out('done');
  expect(sent()).toBe('waitingCLEAR done\n');
});

test('what was typed is not taken away where no progress is shown', () => {
  const { progress, sent } = terminal({ isTTY: true }, { isTTY: true });
  progress('');
  expect(sent()).toBe('');
});

test('a file gets no progress', () => {
  const { out, err, progress, sent } = terminal({}, {});
  progress('waiting');
  out('a row');
  err('trouble');
  expect(sent()).toBe('a row\ntrouble\n');
});
