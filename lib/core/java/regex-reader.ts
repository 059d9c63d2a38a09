/** A pattern read from left to right. */

/** What java.util.regex.PatternSyntaxException says. */
export class PatternSyntaxError extends Error {}

export class PatternReader {
  private readonly pattern: string;
  private offset = 0;

  constructor(pattern: string) {
    this.pattern = unquoted(pattern);
  }

  get done(): boolean {
    return this.offset >= this.pattern.length;
  }

  get position(): number {
    return this.offset;
  }

  /** The pattern from a position to the next character. */
  since(position: number): string {
    return this.pattern.slice(position, this.offset);
  }

  at(text: string): boolean {
    return this.pattern.startsWith(text, this.offset);
  }

  /** The next character (code point), empty at the end. */
  peek(): string {
    return this.done ? '' : String.fromCodePoint(this.pattern.codePointAt(this.offset) ?? 0);
  }

  next(): string {
    const char = this.peek();
    this.offset += char.length;
    return char;
  }

  take(text: string): boolean {
    if (!this.at(text)) return false;
    this.offset += text.length;
    return true;
  }

  /** What a sticky expression finds here, which is taken. */
  match(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.offset;
    const found = expression.exec(this.pattern);
    if (found !== null) this.offset += found[0].length;
    return found;
  }

  /** White space, and `#` to the end of the line. */
  skipComments(): void {
    while (this.match(/\s+|#[^\n\r]*/y) !== null);
  }

  error(message: string): PatternSyntaxError {
    return new PatternSyntaxError(`${message} near index ${this.offset}\n${this.pattern}`);
  }
}

/** The pattern without `\Q…\E`: what stands between has backslashes in front of all that could mean something. */
function unquoted(pattern: string): string {
  if (!pattern.includes('\\Q')) return pattern;
  return pattern.replace(/\\(?:Q([\s\S]*?)(?:\\E|$)|[\s\S])/g, (text, quoted: string | undefined) => quoted?.replace(/[^\w\s]/gu, '\\$&') ?? text);
}
