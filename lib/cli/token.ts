/** `sluice token`: a token that nobody guesses, for servers that others than this machine may call. */
import { nodeRuntime } from '../adapters/node/runtime.ts';
import { contextOf, printResult, type AddCommand } from './context.ts';
import { examples } from './examples.ts';

const TOKEN_BYTES = 32;

export const addToken: AddCommand = (program, console) => {
  program
    .command('token')
    .description('make a token for a REST API that others than this machine may call')
    .summary('make a token for the REST API')
    .addHelpText('after', examples(['token > token.txt', 'keep it where only those read it who may operate jobs'], ['up --rest-address 0.0.0.0 --token-file token.txt', 'clients send it: Authorization: Bearer TOKEN']))
    .action((_options: object, command) => {
      const token = nodeRuntime.randomHex(TOKEN_BYTES);
      printResult(contextOf(command, console), token, { token });
    });
};
