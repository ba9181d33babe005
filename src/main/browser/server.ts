/** The browser shell: the window and its api over loopback HTTP and WebSocket. */
import { createReadStream } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { messageOf, UserError } from '../../core/errors.ts';
import type { Environment } from '../data-folder/choice.ts';
import type { HubSwitch } from '../hub/hub-switch.ts';
import { receiveFile, removeUploads } from '../hub/uploads.ts';
import { pageAsset } from '../window/page-assets.ts';
import { securityHeaders } from '../window/security.ts';
import { Address, newSecrets, type Secrets } from './address.ts';
import { Guard } from './guard.ts';
import { refusalPage } from './refusal-page.ts';
import { Sockets } from './sockets.ts';
import { Strangers } from './strangers.ts';

// An import reads all of its exports, and that loads what `fetch` is made of: 40 ms of the start.
const { createServer } = process.getBuiltinModule('node:http');

const UPLOAD = /^upload\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
/** Connections of all kinds: far below the file descriptors that a process may have open, which trainings need too. */
const MAX_CONNECTIONS = 256;
/** A window sends one file after the other. */
const MAX_UPLOADS = 8;
/** A connection has to send its request; the body of an upload may take as long as it likes, unless it stalls. */
const HEADERS_MS = 10_000;
const STALLED_MS = 120_000;

export interface ServeOptions {
  /** 0 takes a free port. Default: that of the session before, or a free one. */
  port?: number;
  /** Where it is kept for the next session, with what lets browsers in. Default: they are of this one alone. */
  environment?: Environment;
  /** Folder of the built window. */
  window: string;
  /** Hears that a link was used, which will let nobody else in. */
  onEntered?: () => void;
}

export interface BrowserShell {
  port: number;
  /** A new link that lets one browser in, once, within `milliseconds`; without them, as long as the shell is open. */
  link(milliseconds?: number): string;
  close(): Promise<void>;
}

/** Serves a hub on 127.0.0.1. Throws UserError if the port that was asked for is taken. */
export async function serve(
  hubSwitch: HubSwitch,
  { port, environment, window, onEntered = () => {} }: ServeOptions,
): Promise<BrowserShell> {
  const server = createServer({
    headersTimeout: HEADERS_MS,
    requestTimeout: 0,
    connectionsCheckingInterval: HEADERS_MS / 4,
  });
  server.maxConnections = MAX_CONNECTIONS;
  let address = environment && new Address(hubSwitch.hub.store, environment);
  const { bound, secrets } = await listenAt(server, port, address);
  const guard = new Guard(bound, secrets);
  const keep = () => address?.write(bound, guard.secrets);
  keep();
  // Its windows stay where they are.
  hubSwitch.onChange = (store) => {
    address?.close();
    address = environment && new Address(store, environment);
    keep();
  };
  const sockets: Sockets = new Sockets({ hubSwitch, readsAnywhere: false }, () => {
    guard.renew();
    keep();
    return guard.link();
  });
  const strangers = new Strangers();
  server.on('connection', (socket) => strangers.add(socket));
  const answer = new RequestHandler(hubSwitch, { guard, sockets, strangers, window, port: bound, onEntered });
  server.on('request', (request, response) => void answer.request(request, response));
  server.on('upgrade', (request, socket, head) => answer.upgrade(request, socket, head));
  server.on('clientError', (_error, socket) => socket.destroy());
  return {
    port: bound,
    link: (milliseconds) => guard.link(milliseconds),
    close: async () => {
      hubSwitch.onChange = () => {};
      address?.close();
      sockets.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Where it is to listen, and what lets browsers in there. */
async function listenAt(
  server: Server,
  asked: number | undefined,
  address: Address | undefined,
): Promise<{ bound: number; secrets: Secrets }> {
  const before = address?.read() ?? null;
  const secrets = before ? { path: before.path, session: before.session } : newSecrets();
  if (asked !== undefined || before === null) return { bound: await listen(server, asked ?? 0), secrets };
  try {
    return { bound: await listen(server, before.port), secrets };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    // Whoever listens there may have been shown the cookies of windows that looked for this program.
    return { bound: await listen(server, 0), secrets: newSecrets() };
  }
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
    server.listen(port, '127.0.0.1', () => {
      // Such as too many open files: the connection is lost, the server is not.
      server.on('error', () => {});
      resolve((server.address() as AddressInfo).port);
    });
  });
}

interface RequestHandlerOptions {
  guard: Guard;
  sockets: Sockets;
  strangers: Strangers;
  window: string;
  port: number;
  onEntered: () => void;
}

class RequestHandler {
  readonly #hubSwitch: HubSwitch;
  readonly #options: RequestHandlerOptions;
  readonly #headers: Record<string, string>;
  #uploads = 0;

  constructor(hubSwitch: HubSwitch, options: RequestHandlerOptions) {
    this.#hubSwitch = hubSwitch;
    this.#options = options;
    const { port } = options;
    // Not every browser counts a WebSocket to the same host as 'self'.
    this.#headers = securityHeaders(`'self' ws://127.0.0.1:${port} ws://localhost:${port}`);
  }

  async request(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A client that has closed its connection gets no answer.
    request.on('error', () => {});
    response.on('error', () => {});
    try {
      await this.#answer(request, response);
    } catch (error) {
      const status = error instanceof UserError ? 422 : 500;
      // What went wrong inside may name paths, and is for nobody but the terminal.
      const text = status === 422 ? messageOf(error, 'window') : 'the request could not be answered';
      if (!response.headersSent) this.#text(response, status, text);
      else response.destroy();
      // A browser hears of the answer only when it has sent its file.
      request.resume();
    }
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Before anything else: a socket that nobody listens to ends the process when it is reset.
    socket.on('error', () => socket.destroy());
    const { guard, sockets, strangers } = this.#options;
    const refusal = guard.checkUpgrade(request);
    if (refusal === null) strangers.admit(request.socket);
    const known = request.url === `${guard.base}api`;
    if (refusal === null && known && !sockets.isFull) {
      sockets.accept(request, socket, head);
      return;
    }
    const status = refusal?.status ?? (known ? 503 : 404);
    const reason = refusal?.reason ?? (known ? 'Too many windows' : 'Not found');
    socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\n\r\n`, () => socket.destroy());
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { guard, strangers } = this.#options;
    const url = URL.parse(request.url ?? '/', 'http://127.0.0.1');
    if (url === null) return this.#text(response, 404, 'there is no such file');
    // Browsers look for it outside the window's own path, where they have no cookie, and report a refusal as a fault.
    if (url.pathname === '/favicon.ico' && guard.checkOrigin(request) === null) {
      response.writeHead(204, { ...this.#headers, Connection: 'close' });
      response.end();
      return;
    }
    const token = url.searchParams.get('token');
    const byLink = request.method === 'GET' && url.pathname === '/' && token !== null;
    const refusal = byLink ? guard.checkOrigin(request) : guard.check(request);
    if (refusal) {
      const isPage = request.headers.accept?.includes('text/html') ?? false;
      if (isPage && refusal.status === 401) return this.#refuse(response, refusal.reason);
      return this.#text(response, refusal.status, refusal.reason);
    }
    if (!byLink) strangers.admit(request.socket);
    if (byLink) return this.#enter(response, token);
    if (!url.pathname.startsWith(guard.base)) return this.#text(response, 404, 'there is no such file');
    const path = url.pathname.slice(guard.base.length);
    const upload = UPLOAD.exec(path);
    if (upload && request.method === 'POST') {
      await this.#upload(request, response, upload[1], url.searchParams.get('name') ?? '');
    } else if (upload && request.method === 'DELETE') {
      const { uploadsFolder } = this.#hubSwitch.hub;
      await removeUploads(uploadsFolder, [join(uploadsFolder, upload[1])]);
      response.writeHead(204, this.#headers);
      response.end();
    } else if (request.method === 'GET' || request.method === 'HEAD') {
      await this.#file(request, response, `/${path}`);
    } else this.#text(response, 405, 'method not allowed');
  }

  async #upload(request: IncomingMessage, response: ServerResponse, drop: string, name: string) {
    if (this.#uploads >= MAX_UPLOADS) {
      return this.#text(response, 503, 'too many files are being dropped at once; drop it again');
    }
    this.#uploads++;
    const stalled = () => request.destroy();
    request.socket.setTimeout(STALLED_MS, stalled);
    try {
      const folder = join(this.#hubSwitch.hub.uploadsFolder, drop);
      const path = await receiveFile(folder, name, request, Number(request.headers['content-length'] ?? 0));
      response.writeHead(201, { ...this.#headers, 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ path, folder }));
    } finally {
      this.#uploads--;
      // With the listener it takes that away, too: more files come over the same socket.
      request.socket.setTimeout(0, stalled);
    }
  }

  /**
   * Goes on to the window, so that the token leaves the address bar and the history immediately. A redirect would not do:
   * where another page led to the link, as that of `openInBrowser`, browsers hold the new cookie back from it.
   */
  #enter(response: ServerResponse, token: string): void {
    const { guard, onEntered } = this.#options;
    const admission = guard.admit(token);
    if (admission === 'unknown') {
      this.#refuse(response, 'this link is from an earlier session or too old; open the latest one');
      return;
    }
    const cookie = admission === 'admitted' ? { 'Set-Cookie': guard.cookieHeader() } : {};
    const type = { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' };
    response.writeHead(200, { ...this.#headers, ...cookie, ...type });
    response.end(
      `<!doctype html><title>Tessera</title><meta http-equiv="refresh" content="0;url=${guard.base}">\n`,
    );
    if (admission === 'admitted') onEntered();
  }

  async #file(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const file = pageAsset(this.#options.window, path);
    if (!file) {
      this.#text(response, 404, 'there is no such file');
      return;
    }
    // Names of built files contain a hash of their content, except the page itself.
    const cache = path.startsWith('/assets/') ? 'private, max-age=31536000, immutable' : 'no-cache';
    response.writeHead(200, { ...this.#headers, 'Content-Type': file.mediaType, 'Cache-Control': cache });
    if (request.method === 'HEAD') response.end();
    else await pipeline(createReadStream(file.path), response);
  }

  /** What somebody sees who comes without the link of this session, such as by a reload after a restart. */
  #refuse(response: ServerResponse, reason: string): void {
    response.writeHead(401, {
      ...this.#headers,
      Connection: 'close',
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-store',
    });
    response.end(refusalPage(reason));
  }

  #text(response: ServerResponse, status: number, text: string): void {
    // The body of a stranger is not read to its end.
    const connection = [401, 403, 503].includes(status) ? { Connection: 'close' } : {};
    response.writeHead(status, {
      ...this.#headers,
      ...connection,
      'Content-Type': 'text/plain; charset=utf-8',
    });
    response.end(`Tessera: ${text}\n`);
  }
}
