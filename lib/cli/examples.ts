/** Examples below the options of a command. */

/** Command lines without `sluice`, each with what it does. */
export function examples(...lines: readonly (readonly [command: string, what: string])[]): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  return ['', 'Examples:', ...lines.map(([command, what]) => `  $ sluice ${command.padEnd(width)}  ${what}`)].join('\n');
}
