/** The api over WebSocket: what of a client can go wrong ends that client, and nothing else. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { ORPCError } from '@orpc/server';
import { RPCHandler } from '@orpc/server/ws';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { parseJson } from '../../core/files/json.ts';
import { withApiErrors } from '../hub/api-errors.ts';
import { type ApiContext, router } from '../hub/router.ts';
import { isIterator } from '../workers/progress.ts';

/** Reports and large tables are sent over the socket. */
const MAX_MESSAGE_BYTES = 64 * 2 ** 20;
/** Windows that are open at once. */
const MAX_CLIENTS = 64;
/** Calls of all windows that are being answered; a window has a few at a time. */
const MAX_CALLS = 512;
/** Answers that a client may leave unread. */
const MAX_UNREAD_BYTES = 256 * 2 ** 20;
const MALFORMED = 1007;
const TOO_SLOW = 1008;

const base = { i: z.union([z.string(), z.number()]) };
/** As oRPC writes a request, an event of an iterator, and the end of a call. */
const messageSchema = z.union([
  z.object({
    ...base,
    t: z.literal(1).optional(),
    p: z.object({
      u: z.string().regex(/^\/[\w/]*$/),
      // Others would say that the body is a form or a stream, which the window never sends.
      h: z.strictObject({ 'last-event-id': z.string() }).optional(),
      m: z.string().optional(),
    }),
  }),
  z.object({ ...base, t: z.literal(3), p: z.looseObject({ e: z.string() }) }),
  z.object({ ...base, t: z.literal(4) }),
]);

export class Sockets {
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  readonly #context: Omit<ApiContext, 'renewLink'>;
  readonly #renewLink: () => string;
  readonly #rpc: RPCHandler<ApiContext>;
  #calls = 0;

  /** `renewLink` makes all links worthless but the one that it returns. */
  constructor(context: Omit<ApiContext, 'renewLink'>, renewLink: () => string) {
    this.#context = context;
    this.#renewLink = renewLink;
    const limit = <T>(options: { next(): Promise<T> }) => this.#limited(options);
    this.#rpc = new RPCHandler(router, { clientInterceptors: [limit, withApiErrors] });
    // The request was no WebSocket handshake: ws has refused it.
    this.#server.on('wsClientError', (_error, socket) => socket.destroy());
  }

  get isFull(): boolean {
    return this.#server.clients.size >= MAX_CLIENTS;
  }

  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (client) => {
      // A malformed frame or a reset: ws closes the client by itself.
      client.on('error', () => {});
      const renewLink = () => {
        const link = this.#renewLink();
        // The one that asks for it goes there by itself.
        for (const other of this.#server.clients) if (other !== client) other.terminate();
        return link;
      };
      void this.#rpc.upgrade(checked(client), { context: { ...this.#context, renewLink } });
    });
  }

  close(): void {
    for (const client of this.#server.clients) client.terminate();
  }

  async #limited<T>({ next }: { next(): Promise<T> }): Promise<T> {
    if (this.#calls >= MAX_CALLS) {
      throw new ORPCError('TOO_MANY_REQUESTS', { message: 'too many calls at once; try again' });
    }
    this.#calls++;
    let output: T | null = null;
    try {
      output = await next();
      return isIterator(output) ? (this.#untilItsEnd(output) as T) : output;
    } finally {
      if (!isIterator(output)) this.#calls--;
    }
  }

  /** An iterator is being answered until it has ended, or its reader is gone. */
  async *#untilItsEnd(iterator: AsyncIterator<object, unknown, void>): AsyncGenerator<object, unknown, void> {
    try {
      return yield* { [Symbol.asyncIterator]: () => iterator };
    } finally {
      this.#calls--;
    }
  }
}

/** The client as oRPC sees it: it hears only messages of the right form, which it would otherwise print as errors. */
function checked(client: WebSocket): Pick<WebSocket, 'send' | 'addEventListener'> {
  return {
    send: (...message: Parameters<WebSocket['send']>) => {
      if (client.bufferedAmount > MAX_UNREAD_BYTES) client.close(TOO_SLOW, 'answers are not read');
      else client.send(...message);
    },
    addEventListener: (type: string, listener: (event: { data: unknown }) => void) => {
      if (type !== 'message') client.addEventListener(type as 'close', listener as () => void);
      else
        client.on('message', (data: RawData, binary) => {
          const text = binary ? '' : data.toString();
          if (messageSchema.safeParse(parseJson(text)).success) listener({ data: text });
          else client.close(MALFORMED, 'no message of the api');
        });
    },
  } as Pick<WebSocket, 'send' | 'addEventListener'>;
}
