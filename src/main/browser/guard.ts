import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Why a request is refused. */
export interface Refusal {
  status: 401 | 403;
  reason: string;
}

/**
 * Admits only the window that was opened with this session's link. The link's token becomes a cookie that no
 * script can read and no other site's request carries; Host and Origin keep out rebound names and other pages.
 */
export class Guard {
  readonly token = randomBytes(32).toString('base64url');
  readonly #hosts: readonly string[];
  readonly #cookie: string;

  constructor(port: number) {
    this.#hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
    // Cookies ignore ports: two sessions must not overwrite each other's.
    this.#cookie = `tessera-${port}`;
  }

  /** Returns why a request is refused, or null. */
  check(request: IncomingMessage): Refusal | null {
    const foreign = this.checkOrigin(request);
    if (foreign) return foreign;
    if (this.#matches(this.#cookieOf(request))) return null;
    return { status: 401, reason: 'open the link that "tessera serve" printed' };
  }

  /** The part of the check that the link itself must pass too. */
  checkOrigin({ headers }: IncomingMessage): Refusal | null {
    if (!this.#hosts.includes(headers.host ?? '')) return { status: 403, reason: 'wrong Host' };
    const { origin } = headers;
    const own = this.#hosts.some((host) => origin === `http://${host}`);
    if (origin !== undefined && !own) return { status: 403, reason: 'wrong Origin' };
    return null;
  }

  /** Browsers always send an Origin with a WebSocket. */
  checkUpgrade(request: IncomingMessage): Refusal | null {
    if (request.headers.origin === undefined) return { status: 403, reason: 'no Origin' };
    return this.check(request);
  }

  /** Whether the token in a link is this session's. */
  admits(token: string | null): boolean {
    return this.#matches(token);
  }

  cookieHeader(): string {
    return `${this.#cookie}=${this.token}; HttpOnly; SameSite=Strict; Path=/`;
  }

  #cookieOf({ headers }: IncomingMessage): string | null {
    const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim());
    const own = pairs.find((pair) => pair.startsWith(`${this.#cookie}=`));
    return own ? own.slice(this.#cookie.length + 1) : null;
  }

  #matches(token: string | null): boolean {
    const [given, expected] = [Buffer.from(token ?? ''), Buffer.from(this.token)];
    return given.length === expected.length && timingSafeEqual(given, expected);
  }
}
