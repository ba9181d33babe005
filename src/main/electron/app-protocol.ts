import { readFile } from 'node:fs/promises';
import { securityHeaders } from '../window/security.ts';
import { windowFile } from '../window/static-files.ts';
import { originOf, WINDOW_ORIGIN } from './guards.ts';

/** The window's pages come over it, so that they have an origin of their own and no file: rights. */
export const APP_SCHEME = {
  scheme: 'app',
  privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
} as const;

/** Answers app:// requests from the built window's folder, and with nothing that lies outside it. */
export function appHandler(folder: string): (request: Request) => Promise<Response> {
  // The api comes over a MessagePort: pages connect to nothing but their own files.
  const headers = securityHeaders("'self'");
  return async ({ url, method }) => {
    const file =
      method === 'GET' && originOf(url) === WINDOW_ORIGIN ? windowFile(folder, new URL(url).pathname) : null;
    if (!file) return new Response('there is no such file', { status: 404, headers });
    return new Response(new Uint8Array(await readFile(file.path)), {
      headers: { ...headers, 'Content-Type': file.mediaType },
    });
  };
}
