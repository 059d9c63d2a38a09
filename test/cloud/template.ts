/** Custom resources of a deployed template, with their properties as CloudFormation would send them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CloudFormationClient, DescribeStacksCommand, paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { clientOptions, type Emulator } from './emulators.ts';

export interface CustomResource {
  readonly logicalId: string;
  /** `Custom::…` */
  readonly type: string;
  /** ARN of the function. */
  readonly serviceToken: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
}

export interface Deployed {
  readonly stackId: string;
  /** Each behind those that it depends on. */
  readonly resources: readonly CustomResource[];
}

export const templatesOf = (dir: string): string => join(dir, 'cdk.out');

/** Throws for an intrinsic function that is not known here. */
export async function customResourcesOf({ emulator, dir }: { readonly emulator: Emulator; readonly dir: string }, stack: string): Promise<Deployed> {
  const template: { readonly Resources: Readonly<Record<string, TemplateResource>> } = JSON.parse(await readFile(join(templatesOf(dir), `${stack}.template.json`), 'utf8'));
  const { stackId, physicalIds } = await deployedStack(emulator, stack);
  const values: Values = { functionArn: functionArnIn(stackId), pseudo: pseudoParametersIn(stackId), types: template.Resources, physicalIds };
  const custom = Object.entries(template.Resources).filter(([, { Type }]) => Type.startsWith('Custom::'));
  // CDK lists all that a resource depends on, also through others: who has more of them comes later.
  const rank = ({ DependsOn }: TemplateResource): number => custom.filter(([id]) => [DependsOn].flat().includes(id)).length;
  const inOrder = custom.toSorted(([, a], [, b]) => rank(a) - rank(b));
  return { stackId, resources: inOrder.map(([logicalId, resource]) => resolvedResource(logicalId, resource, values)) };
}

async function deployedStack(emulator: Emulator, stack: string): Promise<{ stackId: string; physicalIds: ReadonlyMap<string, string> }> {
  const client = new CloudFormationClient(clientOptions(emulator));
  try {
    const { Stacks: [found] = [] } = await client.send(new DescribeStacksCommand({ StackName: stack }));
    const physicalIds = new Map<string, string>();
    for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName: stack })) {
      for (const { LogicalResourceId = '', PhysicalResourceId = '' } of StackResourceSummaries) physicalIds.set(LogicalResourceId, PhysicalResourceId);
    }
    return { stackId: found?.StackId ?? stack, physicalIds };
  } finally {
    client.destroy();
  }
}

function resolvedResource(logicalId: string, { Type, Properties = {} }: TemplateResource, values: Values): CustomResource {
  const properties = Object.fromEntries(Object.entries(Properties).map(([name, value]) => [name, resolved(value, values)]));
  const { ServiceToken } = properties;
  if (typeof ServiceToken !== 'string') throw new Error(`${logicalId} has no ServiceToken`);
  return { logicalId, type: Type, serviceToken: ServiceToken, properties };
}

interface Values {
  readonly functionArn: (name: string) => string;
  /** `AWS::Region` and the like. */
  readonly pseudo: Readonly<Record<string, string>>;
  readonly types: Readonly<Record<string, TemplateResource>>;
  readonly physicalIds: ReadonlyMap<string, string>;
}

/** Text, as all properties of custom resources are. */
function resolved(value: unknown, values: Values): unknown {
  if (Array.isArray(value)) return value.map((item) => resolved(item, values));
  if (typeof value !== 'object' || value === null) return String(value);
  const [[name, argument] = ['', null], ...others] = Object.entries(value);
  if (others.length === 0 && (name === 'Ref' || name.startsWith('Fn::'))) return intrinsic(name, argument, values);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolved(item, values)]));
}

function intrinsic(name: string, argument: unknown, values: Values): string {
  if (name === 'Ref' && typeof argument === 'string') return physicalId(argument, values);
  if (name === 'Fn::GetAtt' && Array.isArray(argument)) return attribute(String(argument[0]), String(argument[1]), values);
  if (name === 'Fn::Join' && Array.isArray(argument) && Array.isArray(argument[1])) return argument[1].map((item) => resolved(item, values)).join(String(argument[0]));
  if (name === 'Fn::Sub' && typeof argument === 'string') return substituted(argument, values);
  throw new Error(`a custom resource uses ${name} ${JSON.stringify(argument)}: add it to test/cloud/template.ts`);
}

/** Names of assets have account and region in them. */
function substituted(text: string, { pseudo }: Values): string {
  return text.replaceAll(/\$\{([^}]+)\}/g, (_, name: string) => pseudo[name] ?? name);
}

function physicalId(logicalId: string, { physicalIds }: Values): string {
  const found = physicalIds.get(logicalId);
  if (found === undefined) throw new Error(`the stack has no resource ${logicalId}`);
  return found;
}

/** The version of a function is the end of its ARN. */
function attribute(logicalId: string, name: string, values: Values): string {
  const [type, id] = [values.types[logicalId]?.Type, physicalId(logicalId, values)];
  if (type === 'AWS::Lambda::Function' && name === 'Arn') return values.functionArn(id);
  if (type === 'AWS::Lambda::Version' && name === 'Version') return id.slice(id.lastIndexOf(':') + 1);
  throw new Error(`a custom resource uses ${name} of ${logicalId} (${type}): add it to test/cloud/template.ts`);
}

/** In the account and region of `arn:aws:cloudformation:REGION:ACCOUNT:stack/…`. */
function functionArnIn(stackId: string): (name: string) => string {
  const [, partition, , region, account] = stackId.split(':');
  return (name) => `arn:${partition}:lambda:${region}:${account}:function:${name}`;
}

function pseudoParametersIn(stackId: string): Readonly<Record<string, string>> {
  const [, partition = '', , region = '', account = ''] = stackId.split(':');
  return { 'AWS::Partition': partition, 'AWS::Region': region, 'AWS::AccountId': account };
}
