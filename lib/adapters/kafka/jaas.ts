/** `sasl.jaas.config`: `<class of the login module> required name="value" …;`, as Java's clients take it. */
import { invalid } from './properties.ts';

export interface LoginModule {
  /** Simple name: `ScramLoginModule`, `IAMLoginModule`. */
  readonly name: string;
  readonly options: Readonly<Record<string, string>>;
}

const NAME = 'sasl.jaas.config';
const MODULE = /^\s*(?:[\w$]+\.)*([\w$]+)\s+(?:required|requisite|sufficient|optional)\b([^]*?);?\s*$/;
/** Quotes are those of JAAS files; a backslash keeps the next character. */
const OPTION = /\s*([\w.-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s"';]+))/y;

/** Throws OPTION_INVALID that never repeats the text: it holds a password. */
export function parseJaas(text: string): LoginModule {
  const [, name, rest] = MODULE.exec(text) ?? [];
  if (name === undefined || rest === undefined) throw unreadable();
  return { name, options: optionsOf(rest.trimEnd()) };
}

function optionsOf(text: string): Record<string, string> {
  const options: Record<string, string> = {};
  OPTION.lastIndex = 0;
  while (OPTION.lastIndex < text.length) {
    const [, key, double, single, bare] = OPTION.exec(text) ?? [];
    if (key === undefined) throw unreadable();
    options[key] = bare ?? (double ?? single ?? '').replace(/\\(.)/g, '$1');
  }
  return options;
}

const unreadable = (): Error =>
  invalid(NAME, 'cannot be read', 'Write it like: org.apache.kafka.common.security.scram.ScramLoginModule required username="u" password="p";');
