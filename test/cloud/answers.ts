/** Answers of custom resources: each is PUT to a URL of its own. Only for programs of this machine. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

/** As CloudFormation defines it. */
export interface Answer {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason?: string;
  readonly PhysicalResourceId: string;
}

export interface Answers {
  /** An answer that has not come in time is a FAILED one. */
  expect(): { readonly url: string; readonly answered: Promise<Answer> };
  close(): Promise<void>;
}

const PATIENCE_MS = 240_000;

export async function openAnswers(): Promise<Answers> {
  const waiting = new Map<string, (answer: Answer) => void>();
  const take = async (request: IncomingMessage): Promise<number> => {
    const done = waiting.get(request.url ?? '');
    if (done === undefined) return 404;
    done(JSON.parse(await text(request)));
    return 200;
  };
  const server = createServer((request, response) => {
    take(request).catch(() => 400).then((status) => response.writeHead(status).end());
  });
  await new Promise<void>((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port for answers');
  return {
    expect: () => {
      const path = `/${randomUUID()}`;
      const answered = new Promise<Answer>((done) => {
        const late = setTimeout(() => done({ Status: 'FAILED', Reason: `nobody answered within ${PATIENCE_MS / 1000} s`, PhysicalResourceId: '' }), PATIENCE_MS);
        waiting.set(path, (answer) => {
          clearTimeout(late);
          waiting.delete(path);
          done(answer);
        });
      });
      return { url: `http://127.0.0.1:${address.port}${path}`, answered };
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
