/** What of this machine Sluice works with: the version of Node, and the port of the REST API. */
import { createServer } from 'node:net';
import { once } from 'node:events';
import { VERSION } from '../../core/version.ts';
import { fail, ok, warn, type Check, type Finding } from './finding.ts';

const NODE_MIN = [22, 13] as const;

export const versions = (node: string = process.versions.node): Check => ({
  what: 'versions',
  look: async () => [ok('sluice', `version ${VERSION}`), nodeFinding(node)],
});

function nodeFinding(node: string): Finding {
  const [major = 0, minor = 0] = node.split('.').map(Number);
  const isEnough = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]);
  return isEnough ? ok('node', `version ${node}`) : fail('node', `version ${node} is too old`, `install Node.js ${NODE_MIN.join('.')} or newer`);
}

/** Where `sluice up` serves, and clients of Flink look. */
export const restPort = (port: number): Check => ({ what: `port ${port}`, look: async () => [await portFinding(port)] });

async function portFinding(port: number): Promise<Finding> {
  const what = `port ${port}`;
  const problem = await listening(port);
  if (problem === null) return ok(what, 'free for `sluice up`');
  if (problem === 'EACCES') return fail(what, 'this user may not open it', 'name another one: sluice up --rest-port PORT');
  if (problem !== 'EADDRINUSE') return fail(what, `cannot be opened: ${problem}`, 'name another one: sluice up --rest-port PORT');
  const owner = await ownerOf(port);
  if (owner === 'sluice') return ok(what, `served by Sluice at http://127.0.0.1:${port}`);
  const by = owner === 'flink' ? 'a JobManager of Flink' : 'another program';
  return warn(what, `taken by ${by}: \`sluice up\` would run without its API`, 'end that program, or name another port: sluice up --rest-port PORT');
}

/** Null if the port is free; it is again afterwards. */
async function listening(port: number): Promise<string | null> {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
    return null;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  } finally {
    server.close();
  }
}

/** Flink's own endpoint tells; a server that asks for a token shows its page all the same. */
async function ownerOf(port: number): Promise<'sluice' | 'flink' | null> {
  try {
    const answer = await ask(port, '/v1/config');
    if (answer.status === 401) return (await (await ask(port, '/')).text()).includes('<title>Sluice</title>') ? 'sluice' : null;
    const config: { readonly 'flink-revision'?: unknown } | null = JSON.parse(await answer.text());
    if (config?.['flink-revision'] === undefined) return null;
    return config['flink-revision'] === 'sluice' ? 'sluice' : 'flink';
  } catch {
    return null;
  }
}

const ask = (port: number, path: string): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(2000) });
