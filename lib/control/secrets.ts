/** Values of options that look like secrets are not told. */
import { HIDDEN, isSecret, soundsSecret } from '../core/secrets.ts';

const isHidden = (key: string): boolean => soundsSecret(key) || isSecret(key);

export const withoutSecrets = (options: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(options).map(([key, value]) => [key, isHidden(key) ? HIDDEN : value]));

/** `'key' = 'value'`, as options are written in statements. */
const OPTION = /'((?:[^']|'')*)'(\s*=\s*)'(?:[^']|'')*'/g;

/** A statement, which may have options in hints. */
export const withoutSecretsIn = (sql: string): string => sql.replace(OPTION, (option, key: string, equals: string) => (isHidden(key) ? `'${key}'${equals}'${HIDDEN}'` : option));
