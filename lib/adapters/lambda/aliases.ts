/** The aliases of one function, which hold its published versions: one per generation of a job. */
import {
  CreateAliasCommand,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  DeleteFunctionEventInvokeConfigCommand,
  GetAliasCommand,
  GetFunctionEventInvokeConfigCommand,
  ListAliasesCommand,
  ListVersionsByFunctionCommand,
  PutFunctionEventInvokeConfigCommand,
  UpdateAliasCommand,
  type AliasConfiguration,
  type LambdaClient,
} from '@aws-sdk/client-lambda';
import { isError, SluiceError, StoreError } from '../../core/errors.ts';
import { orInstead } from '../aws-requests.ts';
import { allPages, type ControlPlane } from './control-plane.ts';

export interface Alias {
  readonly name: string;
  readonly arn: string;
  readonly version: string;
}

export interface AliasesParts {
  readonly client: LambdaClient;
  readonly plane: ControlPlane;
  readonly functionName: string;
  /** Version of new aliases; null: the newest published one. */
  readonly version: string | null;
}

/** §10 a: a wake-up is a hint. One that comes late is none. */
const INVOKE_CONFIG = { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 } as const;

/** Versions that one collection deletes at most; the next one goes on. */
const COLLECTED_MAX = 20;

const NOT_FOUND = ['ResourceNotFoundException'];

export class Aliases {
  readonly #parts: AliasesParts;

  constructor(parts: AliasesParts) {
    this.#parts = parts;
  }

  /** Null if there is none of this name. */
  async get(name: string): Promise<Alias | null> {
    const { client, plane } = this.#parts;
    const input = { FunctionName: this.#parts.functionName, Name: name };
    const found = await plane.read('lambda:GetAlias', this.#at(name), (options) => orInstead(client.send(new GetAliasCommand(input), options), NOT_FOUND, null));
    return found === null ? null : this.#alias(found);
  }

  /** Of all aliases, whatever they are for. */
  async names(): Promise<string[]> {
    return (await this.#all()).flatMap(({ Name }) => Name ?? []);
  }

  /** Makes the alias, or moves it to the version of new ones. */
  async ensure(name: string): Promise<Alias> {
    const version = this.#parts.version ?? (await this.#newest());
    const found = (await this.get(name)) ?? (await this.#create(name, version));
    return found.version === version ? found : this.#move(name, version);
  }

  /** Asynchronous invocations of the alias are not repeated, and forgotten after a minute (§10 a). */
  async ensureInvokeConfig(name: string): Promise<void> {
    const { client, plane } = this.#parts;
    const input = { FunctionName: this.#parts.functionName, Qualifier: name };
    const get = new GetFunctionEventInvokeConfigCommand(input);
    const found = await plane.read('lambda:GetFunctionEventInvokeConfig', this.#at(name), (options) => orInstead(client.send(get, options), NOT_FOUND, null));
    const isSet = found?.MaximumRetryAttempts === INVOKE_CONFIG.MaximumRetryAttempts && found.MaximumEventAgeInSeconds === INVOKE_CONFIG.MaximumEventAgeInSeconds;
    if (isSet) return;
    const put = new PutFunctionEventInvokeConfigCommand({ ...input, ...INVOKE_CONFIG });
    await plane.write('lambda:PutFunctionEventInvokeConfig', this.#at(name), (options) => client.send(put, options));
  }

  /** With its configuration of invocations; one that is gone already is passed over. */
  async remove(name: string): Promise<void> {
    const { client, plane } = this.#parts;
    const FunctionName = this.#parts.functionName;
    const forget = new DeleteFunctionEventInvokeConfigCommand({ FunctionName, Qualifier: name });
    await plane.write('lambda:DeleteFunctionEventInvokeConfig', this.#at(name), (options) => orInstead(client.send(forget, options), NOT_FOUND, null));
    const remove = new DeleteAliasCommand({ FunctionName, Name: name });
    await plane.write('lambda:DeleteAlias', this.#at(name), (options) => orInstead(client.send(remove, options), NOT_FOUND, null));
  }

  /**
   * Deletes published versions that no alias holds, but neither the newest one nor the one before, to which a deployment that fails goes back. What
   * cannot be deleted is left to the next collection.
   */
  async collect(): Promise<void> {
    try {
      const versions = await this.#versions();
      const held = await this.#held();
      const newest = Number(this.#parts.version ?? versions.at(-1) ?? 0);
      const old = versions.filter((version) => version < newest).slice(0, -1);
      for (const version of old.filter((v) => !held.has(String(v))).slice(0, COLLECTED_MAX)) await this.#deleteVersion(version);
    } catch (error) {
      if (!isError(error)) throw error;
    }
  }

  async #create(name: string, version: string): Promise<Alias> {
    const { client, plane } = this.#parts;
    const create = new CreateAliasCommand({ FunctionName: this.#parts.functionName, Name: name, FunctionVersion: version });
    const made = await plane.write('lambda:CreateAlias', this.#at(name), (options) => orInstead(client.send(create, options), ['ResourceConflictException'], null));
    // Somebody else was faster, or an attempt of ours that nobody confirmed.
    const alias = made === null ? await this.get(name) : this.#alias(made);
    if (alias !== null) return alias;
    throw new StoreError('no', { message: `lambda:CreateAlias on ${this.#at(name)}: the alias is in the middle of a change`, hint: 'repeat the operation' });
  }

  async #move(name: string, version: string): Promise<Alias> {
    const { client, plane } = this.#parts;
    const move = new UpdateAliasCommand({ FunctionName: this.#parts.functionName, Name: name, FunctionVersion: version });
    return this.#alias(await plane.write('lambda:UpdateAlias', this.#at(name), (options) => client.send(move, options)));
  }

  async #newest(): Promise<string> {
    const newest = (await this.#versions()).at(-1);
    if (newest !== undefined) return String(newest);
    const { functionName } = this.#parts;
    throw new SluiceError('CONSUMERS_REFUSED', { message: `the function ${functionName} has no published version`, hint: 'deploy the platform again, or publish a version of the function' });
  }

  /** Published ones, in order. */
  async #versions(): Promise<number[]> {
    const { client, plane } = this.#parts;
    const names = await allPages(async (Marker) => {
      const list = new ListVersionsByFunctionCommand({ FunctionName: this.#parts.functionName, ...(Marker === undefined ? {} : { Marker }) });
      const { Versions = [], NextMarker } = await plane.read('lambda:ListVersionsByFunction', this.#parts.functionName, (options) => client.send(list, options));
      return { items: Versions.map((version) => Number(version.Version)), next: NextMarker };
    });
    return names.filter(Number.isInteger).toSorted((a, b) => a - b);
  }

  async #held(): Promise<ReadonlySet<string>> {
    return new Set((await this.#all()).flatMap(({ FunctionVersion = '', RoutingConfig }) => [FunctionVersion, ...Object.keys(RoutingConfig?.AdditionalVersionWeights ?? {})]));
  }

  #all(): Promise<AliasConfiguration[]> {
    const { client, plane } = this.#parts;
    return allPages(async (Marker) => {
      const list = new ListAliasesCommand({ FunctionName: this.#parts.functionName, ...(Marker === undefined ? {} : { Marker }) });
      const { Aliases: items = [], NextMarker } = await plane.read('lambda:ListAliases', this.#parts.functionName, (options) => client.send(list, options));
      return { items, next: NextMarker };
    });
  }

  /** Lambda refuses to delete what an alias holds, one that was made since included. */
  async #deleteVersion(version: number): Promise<void> {
    const { client, plane, functionName } = this.#parts;
    const remove = new DeleteFunctionCommand({ FunctionName: functionName, Qualifier: String(version) });
    const gone = [...NOT_FOUND, 'ResourceConflictException'];
    await plane.write('lambda:DeleteFunction', `${functionName}:${version}`, (options) => orInstead(client.send(remove, options), gone, null));
  }

  #at(name: string): string {
    return `${this.#parts.functionName}:${name}`;
  }

  #alias({ Name = '', AliasArn = '', FunctionVersion = '' }: AliasConfiguration): Alias {
    return { name: Name, arn: AliasArn, version: FunctionVersion };
  }
}
