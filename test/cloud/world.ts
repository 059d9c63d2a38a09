/** A stack under test: deployed, used by `sluice --stack`, looked at, deleted. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { expect, inject } from 'vitest';
import type { RunProgram } from '../../lib/cli/lab-run.ts';
import { sleep } from '../services/cache.ts';
import { clientOptions } from './emulators.ts';
import { sluice, type Ended } from './programs.ts';
import { deploy, destroy, outputsOf, type Place, type StackWanted } from './stacks.ts';

const PATIENCE_MS = 60_000;
const PAUSE_MS = 300;

export class World {
  readonly place: Place = inject('place');
  /** Data directory of the commands, with the warehouse of tables that are files: functions are processes of this machine. */
  readonly dir: string = mkdtempSync(join(this.place.dir, 'stack-'));
  readonly #deployed: string[] = [];

  constructor() {
    mkdirSync(this.warehouse, { recursive: true });
  }

  get warehouse(): string {
    return join(this.dir, 'warehouse');
  }

  /** Must succeed; prints how long `cdk deploy` took. */
  async deploy(stack: StackWanted): Promise<Ended> {
    const ended = await this.tryDeploy(stack);
    expect(ended.exitCode, ended.output).toBe(0);
    console.log(`${this.place.emulator.name}: cdk deploy ${stack.name} took ${(ended.ms / 1000).toFixed(1)} s`);
    return ended;
  }

  /** It may be refused. */
  tryDeploy(stack: StackWanted): Promise<Ended> {
    if (!this.#deployed.includes(stack.name)) this.#deployed.push(stack.name);
    return deploy(this.place, this.#withWarehouse(stack));
  }

  async destroy(name: string): Promise<void> {
    await destroy(this.place, this.#withWarehouse({ name }));
    this.#deployed.splice(this.#deployed.indexOf(name), 1);
  }

  outputs(stack: string): Promise<Readonly<Record<string, string>>> {
    return outputsOf(this.place.emulator, stack);
  }

  /** Names of the functions of a stack. */
  async functions(stack: string): Promise<readonly string[]> {
    const client = new LambdaClient(clientOptions(this.place.emulator));
    try {
      const { Functions = [] } = await client.send(new ListFunctionsCommand({}));
      return Functions.flatMap(({ FunctionName = '' }) => (FunctionName.startsWith(stack) ? [FunctionName] : []));
    } finally {
      client.destroy();
    }
  }

  /** Before there is a stack: a job is refused as long as its topic does not exist. */
  async createTopic(name: string): Promise<void> {
    const ended = await sluice(['topic', 'create', name, '--kafka', this.place.kafka, '--dir', this.dir], { emulator: this.place.emulator });
    expect(ended.exitCode, ended.output).toBe(0);
  }

  /** `sluice --stack NAME …`; must succeed. */
  async sluice(stack: string, ...argv: readonly string[]): Promise<string> {
    const ended = await this.trySluice(stack, ...argv);
    expect(ended.exitCode, `sluice ${argv.join(' ')}\n${ended.output}`).toBe(0);
    return ended.output;
  }

  trySluice(stack: string, ...argv: readonly string[]): Promise<Ended> {
    return sluice([...argv, '--stack', stack, '--dir', this.dir], { emulator: this.place.emulator });
  }

  /** Deletes a topic that tests of another file may have left on these brokers. */
  async clearTopic(stack: string, name: string): Promise<void> {
    const { exitCode, output } = await this.trySluice(stack, 'topic', 'delete', name);
    if (exitCode !== 0) expect(output).toContain('TOPIC_UNKNOWN');
  }

  /** For the steps of the lab. */
  program(stack: string): RunProgram {
    return async (argv, { out }) => {
      const { exitCode, output } = await sluice([...argv, '--stack', stack], { emulator: this.place.emulator });
      for (const line of output.trimEnd().split('\n')) out(line);
      return exitCode;
    };
  }

  /** Repeats a command that only looks until its output matches. */
  async see(pattern: RegExp, stack: string, ...argv: readonly string[]): Promise<string> {
    let output = '';
    for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(PAUSE_MS)) {
      ({ output } = await this.trySluice(stack, ...argv));
      if (pattern.test(output)) return output;
    }
    expect(output, `sluice ${argv.join(' ')}`).toMatch(pattern);
    return output;
  }

  /** Deletes what is still deployed. */
  async close(): Promise<void> {
    for (const name of this.#deployed.toReversed()) await this.destroy(name);
    rmSync(this.dir, { recursive: true, force: true });
  }

  #withWarehouse({ context = [], ...stack }: StackWanted): StackWanted {
    return { ...stack, context: [...context, `sluice:warehouse=${this.warehouse}`] };
  }
}
