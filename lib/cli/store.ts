/** `sluice store create`: what DynamoDB and S3 need before the first job. */
import { preparePlace } from '../place/prepare.ts';
import { checkUrls } from '../place/urls.ts';
import { contextOf, printResult, urlsOnlyHere, type AddCommand } from './context.ts';
import { examples } from './examples.ts';

const EXAMPLES = [
  ['--store dynamodb://sluice --blobs s3://bucket/sluice store create', 'before the first job; where both are there already, nothing happens'],
  ['--profile ops --region eu-central-1 --store dynamodb://sluice --blobs s3://bucket/sluice store create', 'with other credentials, in this region'],
] as const;

export const addStore: AddCommand = (program, console) => {
  const store = program.command('store').description('the store that jobs share: DynamoDB and S3').summary('prepare DynamoDB and S3');
  store.addHelpText('after', examples(...EXAMPLES));
  store
    .command('create')
    .description('create the table, and let objects in the bucket expire that nobody needs any more; may be repeated')
    .addHelpText('after', examples(...EXAMPLES))
    .action(async (_options: object, command) => {
      const context = contextOf(command, console);
      const urls = checkUrls(urlsOnlyHere(context, '`sluice store`', 'the deployment of the stack has made its store'));
      await preparePlace(urls);
      printResult(context, `Ready: ${urls.store}, ${urls.blobs}.`, { store: urls.store, blobs: urls.blobs });
    });
};
