/** Patterns as functions take them: constants are compiled once, and of others the last ones are kept. */
import { SluiceError } from '../errors.ts';
import { FormatError } from '../time/datetime-format.ts';
import { PatternError, compilePattern, type Part } from '../time/datetime-pattern.ts';
import { compileSimplePattern, type SimplePart } from '../time/simple-pattern.ts';

/** Patterns that are kept; more than one query has. */
const KEPT = 256;

/** Throws EXPRESSION_FAILED where Java refuses the pattern, or what is printed with it. */
export function failing<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof PatternError || error instanceof FormatError)) throw error;
    throw new SluiceError('EXPRESSION_FAILED', { message: error.message, hint: 'See the letters of java.time.format.DateTimeFormatter, or of java.text.SimpleDateFormat.' });
  }
}

function kept<T>(compile: (pattern: string) => T): (pattern: string) => T {
  const patterns = new Map<string, T>();
  return (pattern) => {
    const known = patterns.get(pattern);
    if (known !== undefined) return known;
    if (patterns.size >= KEPT) patterns.clear();
    const compiled = compile(pattern);
    patterns.set(pattern, compiled);
    return compiled;
  };
}

/** Of DateTimeFormatter. Throws PatternError. */
export const patternOf: (pattern: string) => readonly Part[] = kept(compilePattern);

/** Of SimpleDateFormat. Throws PatternError. */
export const simplePatternOf: (pattern: string) => readonly SimplePart[] = kept(compileSimplePattern);

/** `yyyy-MM-dd HH:mm:ss`: what Flink's functions take where no pattern is given. */
export const PLAIN_PATTERN = 'yyyy-MM-dd HH:mm:ss';
