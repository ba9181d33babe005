/** What a browser asks of the browser shell, and what none would. */
import { request } from 'node:http';
import { WebSocket } from 'ws';

/** Opens a link as a browser does. */
export async function enter(port: number, link: string): Promise<{ base: string; cookie: string }> {
  const { headers, body } = await get(port, new URL(link).pathname + new URL(link).search);
  const cookie = String(headers['set-cookie']?.[0]).split(';', 1)[0];
  return { cookie, base: /url=([^"]+)/.exec(body)?.[1] ?? '' };
}

export function connect(
  port: number,
  path: string,
  headers: Record<string, string>,
  origin = `http://127.0.0.1:${port}`,
) {
  return new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers, origin });
}

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** Plain HTTP, with any Host and Origin, and paths that are sent as they are. */
export function get(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  { method = 'GET', body = '' } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
      );
    });
    call.on('error', reject);
    call.end(body);
  });
}
