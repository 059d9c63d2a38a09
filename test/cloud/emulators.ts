/** The emulators that the app is deployed to, unchanged, and the one place that says what they lack. */
import { CREDENTIALS } from '../services/environment.ts';

export type EmulatorName = 'ministack' | 'localstack';

/** A running one. */
export interface Emulator {
  readonly name: EmulatorName;
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
}

interface Traits {
  /** Answers once it serves, below the endpoint. */
  readonly health: string;
  /** Types of CloudFormation that fail to deploy, left out by `-c sluice:leave-out=…`. */
  readonly leaveOut: readonly string[];
  /** Whether CloudFormation asks the functions of `Custom::*` resources; one that does not takes them for made, and deploy-local asks instead. */
  readonly asksCustomResources: boolean;
}

export const TRAITS: Readonly<Record<EmulatorName, Traits>> = {
  // No alarms on other alarms, or on metric math.
  ministack: { health: '/_ministack/health', leaveOut: ['AWS::CloudWatch::CompositeAlarm', 'AWS::CloudWatch::Alarm'], asksCustomResources: true },
  // Custom resources are part of what is not open.
  localstack: { health: '/_localstack/health', leaveOut: [], asksCustomResources: false },
};

/** Of the test run and of the command: where LocalStack answers. */
export const LOCALSTACK_ENDPOINT = 'LOCALSTACK_ENDPOINT';
/** Where compose.yaml publishes it. */
export const COMPOSE_LOCALSTACK = 'http://127.0.0.1:4566';

const HEALTH_MS = 5000;
const NAMES: readonly EmulatorName[] = ['ministack', 'localstack'];

/** Finds out which one it is. Throws what to do if none answers. */
export async function emulatorAt(url: string): Promise<Emulator> {
  const endpoint = url.replace(/\/+$/, '');
  for (const name of NAMES) if (await isHealthy(endpoint + TRAITS[name].health)) return { name, endpoint };
  throw new Error(`neither MiniStack nor LocalStack answers at ${endpoint}: start one, or let deploy:local start MiniStack (--emulator ministack)`);
}

const isHealthy = (url: string): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.timeout(HEALTH_MS) }).then(async (response) => (await response.text()).startsWith('{') && response.ok, () => false);

/** For programs of AWS, `cdk`, `sluice` and the SDK; the credentials are made up, and anything that belongs to a real account, such as a profile, is overridden. */
export function environmentOf({ endpoint }: Emulator): Readonly<Record<string, string>> {
  const endpoints = { AWS_ENDPOINT_URL: endpoint, AWS_ENDPOINT_URL_S3: endpoint, AWS_ENDPOINT_URL_DYNAMODB: endpoint };
  return { ...CREDENTIALS, AWS_DEFAULT_REGION: CREDENTIALS.AWS_REGION, AWS_PROFILE: '', AWS_EC2_METADATA_DISABLED: 'true', ...endpoints };
}

/** For clients of the SDK in this process, whatever its own environment says. */
export const clientOptions = ({ endpoint }: Emulator): ClientOptions => ({
  endpoint,
  region: CREDENTIALS.AWS_REGION,
  credentials: { accessKeyId: CREDENTIALS.AWS_ACCESS_KEY_ID, secretAccessKey: CREDENTIALS.AWS_SECRET_ACCESS_KEY },
});

interface ClientOptions {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}
