/** Runs programs of the project and of AWS against an emulator, each in a process of its own, as a user does. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join, resolve } from 'node:path';
import { environmentOf, type Emulator } from './emulators.ts';

export const ROOT = resolve(import.meta.dirname, '../..');
export const SLUICE = join(ROOT, 'bin/sluice.ts');
const CDK = join(ROOT, 'node_modules/aws-cdk/bin/cdk');

export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  /** Both streams, as they came. */
  readonly output: string;
  readonly ms: number;
}

export interface Surroundings {
  readonly emulator: Emulator;
  readonly cwd?: string;
  /** Given every piece of output as it comes. */
  readonly echo?: (text: string) => void;
}

const PROGRAM_MS = 300_000;

export const sluice = (argv: readonly string[], surroundings: Surroundings): Promise<Ended> => run([SLUICE, ...argv], surroundings);

/** `sluice …` that runs until it is ended. */
export interface Started {
  /** What it has printed, once it matches. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** Ends it as Ctrl-C does. */
  end(): Promise<void>;
}

export function started(argv: readonly string[], { emulator }: Surroundings): Started {
  const child = spawn(process.execPath, [SLUICE, ...argv], { cwd: ROOT, env: environment(emulator), stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
  return {
    says: async (pattern) => {
      for (;;) {
        const found = pattern.exec(printed);
        if (found !== null) return found;
        await once(child.stdout, 'data', { signal: AbortSignal.timeout(PROGRAM_MS) });
      }
    },
    end: async () => {
      child.kill('SIGINT');
      await ended;
    },
  };
}

/** Without what it would like to fetch or report. */
export const cdk = (argv: readonly string[], surroundings: Surroundings): Promise<Ended> =>
  run([CDK, ...argv, '--no-notices', '--no-color', '--ci', '--progress', 'events'], surroundings);

/** Programs find Node where this process has it, and no AWS account but the emulator's. */
export function environment(emulator: Emulator): NodeJS.ProcessEnv {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AWS|CDK|SLUICE)_/.test(name)));
  return { ...own, ...environmentOf(emulator), PATH: pathWithNode(), CDK_DISABLE_CLI_TELEMETRY: 'true' };
}

export const pathWithNode = (): string => `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`;

async function run(args: readonly string[], { emulator, cwd = ROOT, echo = () => {} }: Surroundings): Promise<Ended> {
  const began = performance.now();
  const child = spawn(process.execPath, [...args], { cwd, env: environment(emulator), stdio: ['ignore', 'pipe', 'pipe'], timeout: PROGRAM_MS, killSignal: 'SIGKILL' });
  let [stdout, output] = ['', ''];
  const take = (text: string): void => {
    output += text;
    echo(text);
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    take(text);
  });
  child.stderr.setEncoding('utf8').on('data', take);
  const exitCode = await new Promise<number>((done, fail) => child.once('error', fail).once('close', (code) => done(code ?? 1)));
  return { exitCode, stdout, output, ms: performance.now() - began };
}
