/** The REST API on a port: of the loopback interface, or of any other one for those who know the token. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import { SluiceError } from '../../core/errors.ts';
import { inUrl, isLoopback } from './access.ts';
import type { Audit } from './audit.ts';
import { Connections } from './connections.ts';
import type { ControlPlane } from './control-plane.ts';
import { Gate, type Rates } from './gate.ts';
import { Recurring } from './recurring.ts';
import { restOn, settle, underWay } from './rest.ts';
import type { Rest } from './route.ts';
import { ROUTES } from './routes.ts';
import { lookAtRunning } from './sluice/look.ts';
import type { Token } from './token.ts';

export interface ServeOptions {
  readonly plane: ControlPlane;
  /** What another one than this process carries out. */
  readonly others?: Partial<Rest>;
  /** 0: any free one. */
  readonly port: number;
  /** IP address of the interface; default: 127.0.0.1. */
  readonly address?: string;
  /** By which others call this machine, beside its addresses; without ports. */
  readonly names?: readonly string[];
  /** What callers have to know; default: nothing, which the loopback interface alone may do. */
  readonly token?: Token | null;
  readonly rates?: Rates;
  readonly audit?: Audit;
  /** Called with what is a mistake of Sluice; clients learn nothing of it. */
  readonly onDefect: (thrown: unknown) => void;
}

export interface RestServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** Operations that were triggered, and end with this process. */
  readonly underWay: number;
  /** Takes no more requests, ends streams, and returns when the operations that were triggered have ended. */
  close(): Promise<void>;
}

/** Throws OPTION_INVALID where the port is taken, or not for this user, and for an address of others without a token. */
export async function serveRest(options: ServeOptions): Promise<RestServer> {
  const { plane, others, port, address = '127.0.0.1', names = [], token = null, rates, audit = () => {}, onDefect } = options;
  if (token === null && !isLoopback(address)) throw unguarded(address);
  const rest = { ...restOn(plane, onDefect, others), token };
  const gate = new Gate({ runtime: plane.runtime, names, token, ...(rates === undefined ? {} : { rates }) });
  const connections = new Connections({ rest, routes: ROUTES, audit, onDefect }, gate);
  const { server } = connections;
  await listen(server, port, address);
  // Whatever goes wrong when a connection is accepted ends none of the others.
  server.on('error', onDefect);
  const recurring = [() => lookAtRunning(rest), () => rest.gateway.closeIdle()].map((action) => new Recurring(action, onDefect));
  const bound = server.address();
  return {
    url: `http://${inUrl(address)}:${typeof bound === 'object' && bound !== null ? bound.port : port}`,
    get underWay() {
      return underWay(rest);
    },
    close: async () => {
      await Promise.all(recurring.map((each) => each.stop()));
      await connections.close();
      await settle(rest);
    },
  };
}

const unguarded = (address: string): SluiceError =>
  new SluiceError('OPTION_INVALID', {
    message: `whoever reaches ${address} could do everything to the jobs: the REST API is served there only to those who know a token`,
    hint: 'make one with `sluice token > FILE`, and name it with --token-file FILE, or SLUICE_TOKEN',
  });

async function listen(server: Server, port: number, address: string): Promise<void> {
  try {
    server.listen(port, address);
    await once(server, 'listening');
  } catch (error) {
    throw new SluiceError('OPTION_INVALID', {
      message: `the REST API cannot be served on ${inUrl(address)}:${port}: ${reasonOf(error)}`,
      hint: 'name another port with --rest-port, where 0 is any free one, or --no-rest',
      cause: error,
    });
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'EADDRINUSE') return 'the port is taken';
  if (code === 'EADDRNOTAVAIL') return 'it is no address of this machine';
  return code === 'EACCES' ? 'this user may not open the port' : String(error);
}
