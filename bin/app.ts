/** `npx cdk synth|deploy -c sluice:kafka=HOST:PORT …`: the platform and the jobs that the command line names. */
import { App } from 'aws-cdk-lib';
import { errorText, exitCodeOf } from '../lib/cli/errors.ts';
import { SluiceStack } from '../lib/infra/index.ts';

// A stack that could not be made is not synthesised at exit.
try {
  const app = new App({ autoSynth: false });
  new SluiceStack(app, String(app.node.tryGetContext('sluice:stack') ?? 'Sluice'));
  app.synth();
} catch (error) {
  console.error(errorText(error));
  process.exitCode = exitCodeOf(error);
}
