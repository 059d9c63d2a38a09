/** Tokens of AWS IAM for Amazon MSK, made for every new connection; the signer is loaded with the first. */
import { invalid, type ConnectionProperties } from './properties.ts';

const REGION = /\.(?:kafka|kafka-serverless)\.([a-z0-9-]+)\.amazonaws\.com/;

/** The options of `IAMLoginModule`: `awsProfileName`, or `awsRoleArn` with `awsRoleSessionName`. */
export function tokenProvider(properties: ConnectionProperties, options: Readonly<Record<string, string>>): () => Promise<string> {
  const region = regionOf(properties, options);
  const { awsProfileName, awsRoleArn, awsRoleSessionName = 'sluice' } = options;
  return async () => {
    // In a bundle, an import() of CommonJS has nothing but its default.
    const { default: signer } = await import('aws-msk-iam-sasl-signer-js');
    if (awsRoleArn !== undefined) return (await signer.generateAuthTokenFromRole({ region, awsRoleArn, awsRoleSessionName })).token;
    if (awsProfileName !== undefined) return (await signer.generateAuthTokenFromProfile({ region, awsProfileName })).token;
    return (await signer.generateAuthToken({ region })).token;
  };
}

/** The name of an MSK broker holds its region; behind another name the environment knows it. */
function regionOf(properties: ConnectionProperties, options: Readonly<Record<string, string>>): string {
  const named = REGION.exec(properties['bootstrap.servers'] ?? '')?.[1] ?? options['awsStsRegion'];
  const region = named ?? process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'];
  if (region === undefined) throw invalid('sasl.mechanism', 'is AWS IAM, and no region is known', 'Set AWS_REGION, or use the names that MSK gives its brokers.');
  return region;
}
