/** What the desktop shell refuses. */
import type { App, IpcMainEvent, Session } from 'electron';

export const WINDOW_ORIGIN = 'app://tessera';
export const WINDOW_URL = `${WINDOW_ORIGIN}/index.html`;

/** Whether a message comes from the window's own page, and not from a frame or another origin. */
export function isOwnSender({ senderFrame }: Pick<IpcMainEvent, 'senderFrame'>): boolean {
  if (!senderFrame || senderFrame.parent !== null) return false;
  return originOf(senderFrame.url) === WINDOW_ORIGIN;
}

/** In the URL standard custom schemes have the origin "null", so scheme and host are compared. */
export function originOf(url: string): string {
  const { protocol, host } = URL.parse(url) ?? { protocol: '', host: '' };
  return `${protocol}//${host}`;
}

/** No page can navigate, open windows or embed anything, whoever creates it. `openOutside` receives web links that the user clicked. */
export function guardApp(app: Pick<App, 'on'>, openOutside: (url: string) => void): void {
  const stay = (event: { preventDefault(): void }) => event.preventDefault();
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', stay);
    contents.on('will-redirect', stay);
    contents.on('will-frame-navigate', stay);
    contents.on('will-attach-webview', stay);
    contents.setWindowOpenHandler(({ url }) => {
      if (url.startsWith('https://')) openOutside(url);
      return { action: 'deny' };
    });
  });
}

/** Permissions that our pages use; requests and checks of all others are denied. */
const ALLOWED = new Set(['clipboard-sanitized-write', 'notifications']);

export function guardSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, answer, { requestingUrl }) =>
    answer(ALLOWED.has(permission) && originOf(requestingUrl) === WINDOW_ORIGIN),
  );
  session.setPermissionCheckHandler(
    (_contents, permission, origin) => ALLOWED.has(permission) && originOf(origin) === WINDOW_ORIGIN,
  );
  session.setDevicePermissionHandler(() => false);
}
