/** What shells complete: the script of bash itself, and the answers that scripts get. */
import { execFileSync } from 'node:child_process';
import { onTestFinished, expect, test, vi } from 'vitest';
import { wordsBefore } from '../../lib/cli/completion/command-line.ts';
import { command, place, ROOT, submitLab } from './sluice.ts';

/** Lines that a shell is given for a command line up to the cursor. */
async function completed(line: string, shell = 'fish'): Promise<string[]> {
  for (const [name, value] of Object.entries({ COMP_CWORD: '1', COMP_LINE: line, COMP_POINT: String(line.length), SHELL: shell })) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  const { code, out } = await command(['completion-server', '--', 'sluice']);
  expect(code).toBe(0);
  return out === '' ? [] : out.split('\n');
}

const names = async (line: string): Promise<string[]> => (await completed(line)).map((each) => each.split('\t')[0] ?? '');

test('commands, with what they do', async () => {
  expect(await completed('sluice sav')).toEqual(['savepoint\ttake a savepoint, or delete one']);
  expect(await names('sluice topic ')).toEqual(['create', 'delete', 'list', 'produce', 'consume', 'help']);
  expect(await names('sluice --json topic cr')).toEqual(['create']);
  expect(await names('sluice completion')).toEqual(['completion']);
});

test('options of the command, and those of all commands', async () => {
  expect(await names('sluice savepoint --di')).toEqual(['--dispose', '--dir']);
  expect(await names('sluice topic create orders --pa')).toEqual(['--partitions']);
  expect(await names('sluice lab --chapter c')).toEqual(['cumulate']);
  expect(await names('sluice completion z')).toEqual(['zsh']);
});

test('ids of jobs, topics and savepoints of the directory that the line names', async () => {
  const { dir, sluice } = place();
  const job = await submitLab(sluice);
  const { out } = await sluice('savepoint', job, `${dir}/savepoints`);
  expect(await completed(`sluice --dir ${dir} stop ${job.slice(0, 2)}`)).toEqual([expect.stringMatching(new RegExp(`^${job}\t.+ \\(RUNNING\\)$`))]);
  expect(await completed(`sluice stop --dir '${dir}' --drain `, 'zsh')).toEqual([expect.stringMatching(`^${job}:`)]);
  expect(await names(`sluice topic produce --dir ${dir} sa`)).toEqual(['savepoint-events']);
  expect(await names(`sluice resume ${job} --dir ${dir} --from ${dir}/sav`)).toEqual([/Path: (.*)/.exec(out)?.[1]]);
});

test('where there is nothing, nothing is completed, and no error is shown', async () => {
  const { dir } = place();
  expect(await completed(`sluice --dir ${dir} stop `)).toEqual([]);
  expect(await completed('sluice nosuch ')).toEqual([]);
});

test('the word at the cursor is the last one', () => {
  expect(wordsBefore('sluice sto')).toEqual(['sluice', 'sto']);
  expect(wordsBefore('sluice stop ')).toEqual(['sluice', 'stop', '']);
  expect(wordsBefore(`sluice -e 'SELECT 1' "a b" c\\ d 'e f`)).toEqual(['sluice', '-e', 'SELECT 1', 'a b', 'c d', 'e f']);
});

test.each(['zsh', 'fish', 'powershell'])('there is a script for %s', async (shell) => {
  expect((await command(['completion', shell])).out).toContain(' completion-server');
});

test('files are left to the shell', async () => {
  const logged = vi.spyOn(console, 'log').mockImplementation(() => {});
  onTestFinished(() => logged.mockRestore());
  await completed('sluice sql -f ');
  expect(logged.mock.calls).toEqual([['__tabtab_complete_files__']]);
  expect(await completed('sluice sql -f ', 'bash')).toEqual([]);
});

test('bash itself completes commands, and files where it is told nothing', async () => {
  const { out: script } = await command(['completion', 'bash']);
  const typed = "COMP_LINE='sluice ex'; COMP_POINT=9; COMP_WORDS=(sluice ex); COMP_CWORD=1";
  const sluice = `sluice() { '${process.execPath}' '${ROOT}bin/sluice.ts' "$@"; }`;
  const shell = [sluice, script, typed, '_sluice_completion', 'echo "${COMPREPLY[*]}"', 'complete -p sluice'].join('\n');
  expect(execFileSync('bash', ['--norc', '-c', shell], { encoding: 'utf8' })).toMatch(/^executions\ncomplete -o default /);
});
