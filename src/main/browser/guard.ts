import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Why a request is refused. */
export interface Refusal {
  status: 401 | 403;
  reason: string;
}

const secret = () => randomBytes(32).toString('base64url');

/**
 * Admits only windows that were opened with a link of this session. A link lets one browser in, once: its token becomes a
 * cookie that no script can read and no other site's request carries. Browsers send cookies to every port of a host, so
 * that the cookie belongs to a path that only this server's windows know. Host and Origin keep out rebound names and
 * other pages.
 */
export class Guard {
  /** Where the window is, with a slash at both ends. */
  readonly base = `/${secret()}/`;
  readonly #session = secret();
  /** Tokens of links that were not used, and until when they are good, in Unix milliseconds. */
  readonly #tokens = new Map<string, number>();
  readonly #used = new Set<string>();
  readonly #hosts: readonly string[];
  readonly #origin: string;

  constructor(port: number) {
    this.#hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
    this.#origin = `http://127.0.0.1:${port}`;
  }

  /** A link that lets one browser in within `milliseconds`. */
  link(milliseconds = Number.POSITIVE_INFINITY): string {
    const token = secret();
    this.#tokens.set(token, Date.now() + milliseconds);
    return `${this.#origin}/?token=${token}`;
  }

  /** Returns why a request is refused, or null. */
  check(request: IncomingMessage): Refusal | null {
    const foreign = this.checkOrigin(request);
    if (foreign) return foreign;
    const inside = request.url?.startsWith(this.base) ?? false;
    if (inside && isEqual(cookieOf(request), this.#session)) return null;
    return { status: 401, reason: 'open the link that "tessera serve" printed' };
  }

  /** The part of the check that the link itself must pass too. */
  checkOrigin({ headers }: IncomingMessage): Refusal | null {
    if (!this.#hosts.includes(headers.host ?? '')) return { status: 403, reason: 'wrong Host' };
    const { origin } = headers;
    const isOurs = this.#hosts.some((host) => origin === `http://${host}`);
    if (origin !== undefined && !isOurs) return { status: 403, reason: 'wrong Origin' };
    return null;
  }

  /** Browsers always send an Origin with a WebSocket. */
  checkUpgrade(request: IncomingMessage): Refusal | null {
    if (request.headers.origin === undefined) return { status: 403, reason: 'no Origin' };
    return this.check(request);
  }

  /** Uses the token of a link up. 'used' is good for a browser that has its cookie already. */
  admit(token: string): 'admitted' | 'used' | 'unknown' {
    const expires = this.#tokens.get(token);
    if (expires === undefined) return this.#used.has(token) ? 'used' : 'unknown';
    this.#tokens.delete(token);
    if (Date.now() > expires) return 'unknown';
    this.#used.add(token);
    return 'admitted';
  }

  cookieHeader(): string {
    return `${COOKIE}=${this.#session}; HttpOnly; SameSite=Strict; Path=${this.base}`;
  }
}

const COOKIE = 'tessera';

function cookieOf({ headers }: IncomingMessage): string {
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1) ?? '';
}

function isEqual(text: string, expected: string): boolean {
  const [given, wanted] = [Buffer.from(text), Buffer.from(expected)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
