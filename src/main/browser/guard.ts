import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { newSecret, newSecrets, type Secrets } from './address.ts';

/** Why a request is refused. */
export interface Refusal {
  status: 401 | 403;
  reason: string;
}

/** A browser that is started again shows the same windows. */
const COOKIE_SECONDS = 365 * 86_400;

/**
 * Admits only windows that were opened with a link of this home, in this session or one before it. A link lets one browser in, once: its token becomes a
 * cookie that no script can read and no other site's request carries. Browsers send cookies to every port of a host, so
 * that the cookie belongs to a path that only this server's windows know. Host and Origin keep out rebound names and
 * other pages.
 */
export class Guard {
  #secrets: Secrets;
  /** Tokens of links that were not used, and until when they are good, in Unix milliseconds. */
  readonly #tokens = new Map<string, number>();
  readonly #used = new Set<string>();
  readonly #hosts: readonly string[];
  readonly #origin: string;

  /** `secrets`: those of the session before. */
  constructor(port: number, secrets = newSecrets()) {
    this.#secrets = secrets;
    this.#hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
    this.#origin = `http://127.0.0.1:${port}`;
  }

  /** Where the window is, with a slash at both ends. */
  get base(): string {
    return `/${this.#secrets.path}/`;
  }

  /** From now on no link that was given out, and no browser that was let in, leads to the window. */
  renew(): void {
    this.#secrets = newSecrets();
    this.#tokens.clear();
    this.#used.clear();
  }

  get secrets(): Secrets {
    return this.#secrets;
  }

  /** A link that lets one browser in within `milliseconds`. */
  link(milliseconds = Number.POSITIVE_INFINITY): string {
    const token = newSecret();
    this.#tokens.set(token, Date.now() + milliseconds);
    return `${this.#origin}/?token=${token}`;
  }

  /** Returns why a request is refused, or null. */
  check(request: IncomingMessage): Refusal | null {
    const foreign = this.checkOrigin(request);
    if (foreign) return foreign;
    const inside = request.url?.startsWith(this.base) ?? false;
    if (inside && isEqual(cookieOf(request), this.#secrets.session)) return null;
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
    return `${COOKIE}=${this.#secrets.session}; HttpOnly; SameSite=Strict; Path=${this.base}; Max-Age=${COOKIE_SECONDS}`;
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
