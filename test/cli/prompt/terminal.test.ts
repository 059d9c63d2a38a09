/** The prompt on a real terminal: the command itself, behind a pseudo terminal of `script`, which every Linux has (bsdutils, util-linux). */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { place, ROOT } from '../sluice.ts';
import { KEY, Shown } from './typist.ts';

const SCRIPT = '/usr/bin/script';

test.skipIf(!existsSync(SCRIPT))('a statement is typed, completed and dropped, and Ctrl-D leaves', async () => {
  const { dir } = place();
  const command = [process.execPath, `${ROOT}bin/sluice.ts`, 'sql', '--dir', dir].map((word) => `'${word}'`).join(' ');
  const terminal = spawn(SCRIPT, ['-qefc', command, '/dev/null'], { env: { ...process.env, XDG_STATE_HOME: dir, TERM: 'xterm' } });
  onTestFinished(() => void terminal.kill('SIGKILL'));
  const left = new Promise((resolve) => terminal.once('exit', resolve));
  const shown = new Shown();
  terminal.stdout.on('data', (chunk) => shown.add(String(chunk)));
  const type = (...keys: string[]): void => keys.forEach((key) => terminal.stdin.write(key));

  await shown.sees('sluice> ');
  type('SHOW CATAL');
  await shown.sees('SHOW CATAL');
  type(KEY.tab);
  await shown.sees('OGS');
  type(';', KEY.enter);
  await shown.sees('1 row in set');
  await shown.sees('sluice> ');
  type('SELECT', KEY.ctrlC);
  await shown.sees('^C');
  await shown.sees('sluice> ');
  type(KEY.ctrlD);
  expect(await left).toBe(0);
  expect(readFileSync(join(dir, 'sluice', 'sql-history.jsonl'), 'utf8')).toBe('"SHOW CATALOGS;"\n');
}, 30_000);
