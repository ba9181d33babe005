/** The browser shell: the window and its api over loopback HTTP and WebSocket. */
import { createReadStream } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { RPCHandler } from '@orpc/server/ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { messageOf, UserError } from '../../core/errors.ts';
import { withApiErrors } from '../hub/api-errors.ts';
import type { HubHolder } from '../hub/hub-holder.ts';
import { type ApiContext, router } from '../hub/router.ts';
import { discardUploads, receiveFile } from '../hub/uploads.ts';
import { securityHeaders } from '../window/security.ts';
import { windowFile } from '../window/static-files.ts';
import { Guard } from './guard.ts';

/** Reports and large tables are sent over the socket. */
const MAX_MESSAGE_BYTES = 64 * 2 ** 20;
const UPLOAD = /^\/upload\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

export interface ServeOptions {
  /** 0 takes a free port. */
  port: number;
  /** Folder of the built window. */
  window: string;
}

export interface BrowserShell {
  /** The link that lets a browser in. */
  url: string;
  port: number;
  close(): Promise<void>;
}

/** Serves a hub on 127.0.0.1. Throws UserError if the port is taken. */
export async function serve(holder: HubHolder, { port, window }: ServeOptions): Promise<BrowserShell> {
  const server = createServer();
  const bound = await listen(server, port);
  const guard = new Guard(bound);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  const answer = new Answerer(holder, guard, window, bound);
  server.on('request', (request, response) => void answer.request(request, response));
  server.on('upgrade', (request, socket, head) => answer.upgrade(sockets, request, socket, head));
  return {
    url: `http://127.0.0.1:${bound}/?token=${guard.token}`,
    port: bound,
    close: async () => {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE' || error.code === 'EACCES';
      reject(
        taken
          ? new UserError(`port ${port} cannot be used (${error.code}): choose another with --port`)
          : error,
      );
    });
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

class Answerer {
  readonly #holder: HubHolder;
  readonly #guard: Guard;
  readonly #window: string;
  readonly #headers: Record<string, string>;
  readonly #rpc = new RPCHandler<ApiContext>(router, { clientInterceptors: [withApiErrors] });

  constructor(holder: HubHolder, guard: Guard, window: string, port: number) {
    this.#holder = holder;
    this.#guard = guard;
    this.#window = window;
    // Not every browser counts a WebSocket to the same host as 'self'.
    this.#headers = securityHeaders(`'self' ws://127.0.0.1:${port} ws://localhost:${port}`);
  }

  async request(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#answer(request, response);
    } catch (error) {
      const status = error instanceof UserError ? 422 : 500;
      if (!response.headersSent) this.#text(response, status, messageOf(error, 'window'));
      else response.destroy();
    }
  }

  upgrade(sockets: WebSocketServer, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = this.#guard.checkUpgrade(request);
    if (refusal || request.url !== '/api') {
      const status = refusal?.status ?? 404;
      socket.end(`HTTP/1.1 ${status} ${refusal?.reason ?? 'Not found'}\r\nConnection: close\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client: WebSocket) => {
      const context: ApiContext = { holder: this.#holder, readsAnywhere: false };
      void this.#rpc.upgrade(client, { context });
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const token = url.searchParams.get('token');
    const byLink = request.method === 'GET' && url.pathname === '/' && token !== null;
    const refusal = byLink ? this.#guard.checkOrigin(request) : this.#guard.check(request);
    if (refusal) return this.#text(response, refusal.status, refusal.reason);
    if (byLink) return this.#enter(response, token);
    const upload = UPLOAD.exec(url.pathname);
    if (upload && request.method === 'POST') {
      const folder = join(this.#holder.hub.uploadsFolder, upload[1]);
      const path = await receiveFile(folder, url.searchParams.get('name') ?? '', request);
      response.writeHead(201, { ...this.#headers, 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ path, folder }));
    } else if (upload && request.method === 'DELETE') {
      discardUploads(this.#holder.hub.uploadsFolder, [join(this.#holder.hub.uploadsFolder, upload[1])]);
      response.writeHead(204, this.#headers);
      response.end();
    } else if (request.method === 'GET' || request.method === 'HEAD') {
      this.#file(request, response, url.pathname);
    } else this.#text(response, 405, 'method not allowed');
  }

  /** Redirects, so that the token leaves the address bar, the history and any Referer immediately. */
  #enter(response: ServerResponse, token: string): void {
    if (!this.#guard.admits(token)) {
      this.#text(response, 401, 'this link is from an earlier session; open the latest one');
      return;
    }
    response.writeHead(303, { ...this.#headers, 'Set-Cookie': this.#guard.cookieHeader(), Location: '/' });
    response.end();
  }

  #file(request: IncomingMessage, response: ServerResponse, path: string): void {
    const file = windowFile(this.#window, path);
    if (!file) {
      this.#text(response, 404, 'there is no such file');
      return;
    }
    // Names of built files contain a hash of their content, except the page itself.
    const cache = path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
    response.writeHead(200, { ...this.#headers, 'Content-Type': file.mediaType, 'Cache-Control': cache });
    if (request.method === 'HEAD') response.end();
    else createReadStream(file.path).pipe(response);
  }

  #text(response: ServerResponse, status: number, text: string): void {
    response.writeHead(status, { ...this.#headers, 'Content-Type': 'text/plain; charset=utf-8' });
    response.end(`Tessera: ${text}\n`);
  }
}
