/** Examples below the options of a command. */

/** Command lines without `sluice`, each with what it does. A test holds them against the options of all commands. */
export function examples(...lines: readonly (readonly [command: string, what: string])[]): string {
  return ['', 'Examples:', ...lines.flatMap(([command, what]) => [`  $ sluice ${command}`, `      ${what}`])].join('\n');
}
