/** The lines of a data file as JSON, one by one. */
import { parseExact, parseStored } from './exact-json.ts';

/** Why a line was refused. */
export class LineError extends Error {
  /** From 1. */
  readonly line: number;

  constructor(line: number, reason: string) {
    super(reason);
    this.line = line;
  }
}

/** Takes a line in, and returns null, or says what is wrong with it; then nothing of it was taken. */
export type ReadLine = (json: unknown) => string | null;

/**
 * Calls `read` with every line of texts of whole lines; returns how many there are. A line that it refuses is read again with exact integers: few lines hold one that JSON.parse damages,
 * and only the schema tells those from a DOUBLE.
 */
export const forEachLine = (texts: AsyncIterable<string>, read: ReadLine): Promise<number> =>
  countLines(texts, (text, lines, before) => {
    const values = parsedAtOnce(text, lines.length);
    for (const [i, line] of lines.entries()) {
      const quick = values === null ? parsed(before + i, line, JSON.parse) : values[i];
      const problem = read(quick) === null ? null : read(parsed(before + i, line, parseExact));
      if (problem !== null) throw new LineError(before + i + 1, problem);
    }
  });

/** As `forEachLine`, for lines that hold values of a program. */
export const forEachStoredLine = (texts: AsyncIterable<string>, read: ReadLine): Promise<number> =>
  countLines(texts, (_text, lines, before) => {
    for (const [i, line] of lines.entries()) {
      const problem = read(parsed(before + i, line, parseStored));
      if (problem !== null) throw new LineError(before + i + 1, problem);
    }
  });

/** `before`: lines before those of the text. */
type ReadText = (text: string, lines: readonly string[], before: number) => void;

async function countLines(texts: AsyncIterable<string>, read: ReadText): Promise<number> {
  let count = 0;
  for await (const text of texts) {
    const lines = linesIn(text, count);
    read(text, lines, count);
    count += lines.length;
  }
  return count;
}

function linesIn(text: string, before: number): readonly string[] {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new LineError(before + lines.length + 1, 'does not end');
  return lines;
}

/** All lines in one go, which takes half the time; null where they are not one value each: line by line it is known which one is not. */
function parsedAtOnce(text: string, lines: number): readonly unknown[] | null {
  try {
    const values: unknown[] = JSON.parse(`[${text.slice(0, -1).replaceAll('\n', ',')}]`);
    return values.length === lines ? values : null;
  } catch {
    return null;
  }
}

function parsed(index: number, line: string, parse: (text: string) => unknown): unknown {
  try {
    return parse(line);
  } catch (error) {
    throw new LineError(index + 1, `is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
