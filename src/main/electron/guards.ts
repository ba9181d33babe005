/** What the desktop shell refuses. Each guard is told what it needs of Electron, so that it can be tried without. */
import type { App, IpcMainEvent, IpcMainInvokeEvent, Session, WebContents } from 'electron';

export const WINDOW_ORIGIN = 'app://tessera';
export const WINDOW_URL = `${WINDOW_ORIGIN}/index.html`;

/** Whether a message comes from the window's own page, and not from a frame or another origin. */
export function isOwnSender({
  senderFrame,
}: Pick<IpcMainEvent | IpcMainInvokeEvent, 'senderFrame'>): boolean {
  if (!senderFrame || senderFrame.parent !== null) return false;
  return originOf(senderFrame.url) === WINDOW_ORIGIN;
}

/** Custom schemes have the origin "null" by the URL standard, so scheme and host are compared. */
export function originOf(url: string): string {
  const { protocol, host } = URL.parse(url) ?? { protocol: '', host: '' };
  return `${protocol}//${host}`;
}

/** Pages cannot go anywhere, open windows or embed anything. `openOutside` gets web links a user clicked. */
export function guardContents(contents: WebContents, openOutside: (url: string) => void): void {
  const stay = (event: { preventDefault(): void }) => event.preventDefault();
  contents.on('will-navigate', stay);
  contents.on('will-redirect', stay);
  contents.on('will-frame-navigate', stay);
  contents.on('will-attach-webview', stay);
  contents.setWindowOpenHandler(({ url }) => {
    if (url.startsWith('https://')) openOutside(url);
    return { action: 'deny' };
  });
}

/** Permissions a page of ours uses; every other is denied, asked for or just looked up. */
const ALLOWED = new Set(['clipboard-sanitized-write', 'notifications']);

export function guardSession(
  session: Pick<
    Session,
    'setPermissionRequestHandler' | 'setPermissionCheckHandler' | 'setDevicePermissionHandler'
  >,
): void {
  session.setPermissionRequestHandler((_contents, permission, answer, { requestingUrl }) =>
    answer(ALLOWED.has(permission) && originOf(requestingUrl) === WINDOW_ORIGIN),
  );
  session.setPermissionCheckHandler(
    (_contents, permission, origin) => ALLOWED.has(permission) && originOf(origin) === WINDOW_ORIGIN,
  );
  session.setDevicePermissionHandler(() => false);
}

/** Every page, whoever makes it, is guarded. */
export function guardApp(app: Pick<App, 'on'>, openOutside: (url: string) => void): void {
  app.on('web-contents-created', (_event, contents) => guardContents(contents, openOutside));
}
