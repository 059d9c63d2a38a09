/**
 * CloudFormation's part in custom resources, for an emulator that takes `Custom::*` for made without asking anybody (TRAITS): asks the functions behind
 * them to create, update and delete, waits for answers at a URL, and sends the old properties again when an update is refused.
 */
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { exists } from '../services/cache.ts';
import { openAnswers, type Answer, type Answers } from './answers.ts';
import { clientOptions, type Emulator } from './emulators.ts';
import { customResourcesOf, type CustomResource } from './template.ts';

interface Parts {
  readonly emulator: Emulator;
  /** Keeps what was made. */
  readonly dir: string;
}

/** What there is. */
interface Made extends CustomResource {
  readonly physicalId: string;
}

type RequestType = 'Create' | 'Update' | 'Delete';

/** After `cdk deploy`, before `cdk destroy`. Null, or why it failed. */
export async function playCloudFormation({ emulator, dir }: Parts, stack: string, what: 'deploy' | 'destroy'): Promise<string | null> {
  const file = join(dir, `${stack}.custom-resources.json`);
  const made = await madeIn(file);
  const { stackId, resources } = what === 'deploy' ? await customResourcesOf({ emulator, dir }, stack) : { stackId: stack, resources: [] };
  const lambda = new LambdaClient(clientOptions(emulator));
  const answers = await openAnswers();
  const play = new Play(stackId, made, lambda, answers);
  try {
    return await play.until(resources);
  } finally {
    await writeFile(file, JSON.stringify(play.made, null, 2));
    await answers.close();
    lambda.destroy();
  }
}

class Play {
  /** In the order in which they were made. */
  made: readonly Made[];
  readonly #stackId: string;
  readonly #lambda: LambdaClient;
  readonly #answers: Answers;

  constructor(stackId: string, made: readonly Made[], lambda: LambdaClient, answers: Answers) {
    this.#stackId = stackId;
    this.made = made;
    this.#lambda = lambda;
    this.#answers = answers;
  }

  /** Null, or the reason of the first refusal, after what was changed before it is as it was. */
  async until(wanted: readonly CustomResource[]): Promise<string | null> {
    const before = this.made;
    for (const resource of wanted) {
      const refusal = await this.#make(resource);
      if (refusal === null) continue;
      const undone = await this.#undo(before, resource);
      return `${resource.type} ${resource.logicalId}: ${refusal}${undone === null ? '' : `\nand it cannot be undone: ${undone}`}`;
    }
    return this.#removeAllBut(wanted);
  }

  async #make(resource: CustomResource): Promise<string | null> {
    const old = this.#find(resource);
    if (old !== undefined && isDeepStrictEqual(old.properties, resource.properties)) return null;
    const answer = await this.#ask(old === undefined ? 'Create' : 'Update', resource, old);
    const refusal = answer.Status === 'FAILED' ? (answer.Reason ?? 'FAILED, and no reason given') : null;
    const made: Made = { ...resource, physicalId: answer.PhysicalResourceId };
    // What could not be created is deleted with the rest: something of it may be there.
    if (old === undefined) this.made = [...this.made, made];
    else if (refusal === null) this.made = this.made.map((each) => (each === old ? made : each));
    return refusal;
  }

  /** The refused one, too, gets what it had. */
  async #undo(before: readonly Made[], refused: CustomResource): Promise<string | null> {
    for (const old of before.toReversed()) {
      const now = old.logicalId === refused.logicalId ? { ...refused, physicalId: old.physicalId } : this.#find(old);
      if (now === undefined || now === old) continue;
      const answer = await this.#ask('Update', old, now);
      if (answer.Status === 'FAILED') return answer.Reason ?? old.logicalId;
    }
    const added = this.made.filter((each) => !before.some(({ logicalId }) => logicalId === each.logicalId));
    this.made = [...before, ...added];
    return this.#removeAllBut(before);
  }

  async #removeAllBut(kept: readonly CustomResource[]): Promise<string | null> {
    for (const each of this.made.toReversed()) {
      if (kept.some(({ logicalId }) => logicalId === each.logicalId)) continue;
      const answer = await this.#ask('Delete', each, each);
      if (answer.Status === 'FAILED') return `${each.logicalId}: ${answer.Reason ?? 'FAILED'}`;
      this.made = this.made.filter((other) => other !== each);
    }
    return null;
  }

  #find({ logicalId }: CustomResource): Made | undefined {
    return this.made.find((each) => each.logicalId === logicalId);
  }

  async #ask(type: RequestType, { logicalId, type: resourceType, serviceToken, properties }: CustomResource, old: Made | undefined): Promise<Answer> {
    const { url, answered } = this.#answers.expect();
    const request = {
      RequestType: type,
      RequestId: randomUUID(),
      StackId: this.#stackId,
      ResponseURL: url,
      ResourceType: resourceType,
      LogicalResourceId: logicalId,
      ResourceProperties: properties,
      ...(old === undefined ? {} : { PhysicalResourceId: old.physicalId }),
      ...(old === undefined || type === 'Delete' ? {} : { OldResourceProperties: old.properties }),
    };
    await this.#lambda.send(new InvokeCommand({ FunctionName: serviceToken, InvocationType: 'Event', Payload: JSON.stringify(request) }));
    return answered;
  }
}

async function madeIn(file: string): Promise<readonly Made[]> {
  return (await exists(file)) ? JSON.parse(await readFile(file, 'utf8')) : [];
}
