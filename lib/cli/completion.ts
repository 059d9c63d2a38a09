/**
 * `sluice completion SHELL`: the script that lets a shell complete command lines, and what that script asks.
 *
 * The scripts are those of @pnpm/tabtab, which pnpm keeps for itself. @bomb.sh/tab was tried: it reads commander's commands, but its engine is synchronous
 * (job ids are not), knows options of all commands in front of a command only, and lets no shell complete files.
 */
import { Argument } from 'commander';
import { contextOf, type AddCommand } from './context.ts';
import { examples } from './examples.ts';

const SHELLS = { bash: 'bash', zsh: 'zsh', fish: 'fish', powershell: 'pwsh' } as const;

export const addCompletion: AddCommand = (program, console) => {
  program
    .command('completion')
    .description('print the script that lets a shell complete commands, options, job ids, topics and savepoints')
    .summary('let a shell complete what is typed')
    .addArgument(new Argument('<shell>').choices(Object.keys(SHELLS)))
    .addHelpText('after', examples(['completion bash >> ~/.bashrc', 'for all shells that begin from now on'], ['completion zsh > ~/.zfunc/_sluice', 'in a directory of fpath'], ['completion fish > ~/.config/fish/completions/sluice.fish', 'where fish looks']))
    .action(async (shell: keyof typeof SHELLS) => {
      const { getCompletionScript } = await import('@pnpm/tabtab');
      console.out((await getCompletionScript({ name: 'sluice', completer: 'sluice', shell: SHELLS[shell] })).trimEnd());
    });
  // What the scripts call; the command line that is typed comes in the environment, which all shells fill in the same way.
  program
    .command('completion-server', { hidden: true })
    .argument('[words...]')
    .allowUnknownOption()
    .action(async (_words: readonly string[], _options: object, command) => {
      const { getShellFromEnv, log, logFiles, parseEnv } = await import('@pnpm/tabtab');
      const [{ readCommandLine, wordsBefore }, { candidatesFor }] = await Promise.all([import('./completion/command-line.ts'), import('./completion/candidates.ts')]);
      const shell = getShellFromEnv(process.env);
      const line = readCommandLine(program, wordsBefore(parseEnv(process.env).partial).slice(1));
      for (const [option, value] of line.given) if (program.options.includes(option)) program.setOptionValueWithSource(option.attributeName(), value, 'cli');
      const completed = await candidatesFor(contextOf(command, console), line);
      if (completed !== 'files') log([...completed], shell, (text) => console.out(text));
      // Bash completes files where it is told nothing.
      else if (shell !== 'bash') logFiles();
    });
};
