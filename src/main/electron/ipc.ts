import { basename, extname } from 'node:path';
import { RPCHandler } from '@orpc/server/message-port';
import { type BrowserWindow, dialog, type IpcMainEvent, ipcMain, Menu } from 'electron';
import { z } from 'zod';
import { messageOf } from '../../core/errors.ts';
import { writeWhole } from '../../core/files/whole-file.ts';
import { withApiErrors } from '../hub/api-errors.ts';
import type { HubSwitch } from '../hub/hub-switch.ts';
import { type ApiContext, router } from '../hub/router.ts';
import type { PageChannels, RequestChannels } from './channels.ts';
import { isOwnSender } from './guards.ts';
import { menuEntries, menuTemplate } from './menu.ts';
import { printPdf } from './print-pdf.ts';

const fileName = z
  .string()
  .max(255)
  .regex(/.\.\w+$/);
const saveRequest = z.tuple([fileName, z.instanceof(Uint8Array)]);
const pdfRequest = z.tuple([fileName.endsWith('.pdf'), z.string().max(64 * 2 ** 20)]);

export interface IpcOptions {
  hubSwitch: HubSwitch;
  window(): BrowserWindow | null;
  /** Has the page perform an action, in a window that is opened for it where there is none. */
  perform(action: string): void;
}

/**
 * Listens on a channel of the page. Messages from any other sender, and those that are not of the schema, are ignored: an
 * error in a listener would be a dialog of the main process.
 */
function on<K extends keyof PageChannels>(
  channel: K,
  schema: z.ZodType<Parameters<PageChannels[K]>>,
  listener: (event: IpcMainEvent, ...values: Parameters<PageChannels[K]>) => void,
): void {
  ipcMain.on(channel, (event, values: unknown) => {
    const parsed = isOwnSender(event) ? schema.safeParse(values) : null;
    if (parsed?.success) listener(event, ...parsed.data);
  });
}

/** Answers the requests of a channel. Requests from any other sender are refused; `schema` checks what arrives. */
function handle<K extends keyof RequestChannels>(
  channel: K,
  schema: z.ZodType<Parameters<RequestChannels[K]>>,
  answer: (...values: Parameters<RequestChannels[K]>) => Promise<ReturnType<RequestChannels[K]>>,
): void {
  ipcMain.handle(channel, async (event, ...values: unknown[]) => {
    if (!isOwnSender(event)) throw new Error('this page may not ask');
    try {
      return await answer(...schema.parse(values));
    } catch (error) {
      throw new Error(messageOf(error, 'window'));
    }
  });
}

/** Answers the preload script. */
export function serveWindow({ hubSwitch, window, perform }: IpcOptions): void {
  const rpc = new RPCHandler<ApiContext>(router, { clientInterceptors: [withApiErrors] });
  const save = async (
    name: string,
    content: () => Promise<Uint8Array> | Uint8Array,
  ): Promise<string | null> => {
    const owner = window();
    if (!owner) return null;
    const ending = extname(name).slice(1);
    const { filePath, canceled } = await dialog.showSaveDialog(owner, {
      defaultPath: basename(name),
      // The system adds the extension to a name that is typed without one.
      filters: [{ name: ending.toUpperCase(), extensions: [ending] }],
    });
    if (canceled || filePath === '') return null;
    writeWhole(filePath, await content());
    return filePath;
  };
  on('tessera:connect', z.tuple([]), ({ ports: [port] }) => {
    if (!port) return;
    rpc.upgrade(port, { context: { hubSwitch, readsAnywhere: true } });
    port.start();
  });
  on('tessera:set-menu', z.tuple([menuEntries]), (_event, entries) => {
    const template = menuTemplate(entries, perform, process.platform === 'darwin');
    Menu.setApplicationMenu(Menu.buildFromTemplate(template));
  });
  handle('tessera:choose-folder', z.tuple([]), async () => {
    const owner = window();
    if (!owner) return null;
    const { filePaths, canceled } = await dialog.showOpenDialog(owner, {
      properties: ['openDirectory', 'createDirectory'],
    });
    return canceled ? null : (filePaths[0] ?? null);
  });
  handle('tessera:save-file', saveRequest, (name, content) => save(name, () => content));
  handle('tessera:save-pdf', pdfRequest, (name, html) => save(name, () => printPdf(html)));
}
