import { readFile } from 'node:fs/promises';
import { pageAsset } from '../window/page-assets.ts';
import { securityHeaders } from '../window/security.ts';
import { originOf, WINDOW_ORIGIN } from './guards.ts';

/** Serves the window's pages, so that they have their own origin and no file: rights. */
export const APP_SCHEME = {
  scheme: 'app',
  privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
} as const;

/** Answers app:// requests with files of the built window's folder, never from outside it. */
export function appHandler(folder: string): (request: Request) => Promise<Response> {
  // The api runs over a MessagePort: pages connect to nothing but their own files.
  const headers = securityHeaders("'self'");
  return async ({ url, method }) => {
    const file =
      method === 'GET' && originOf(url) === WINDOW_ORIGIN ? pageAsset(folder, new URL(url).pathname) : null;
    if (!file) return new Response('there is no such file', { status: 404, headers });
    return new Response(new Uint8Array(await readFile(file.path)), {
      headers: { ...headers, 'Content-Type': file.mediaType },
    });
  };
}
