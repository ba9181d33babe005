import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { RPCHandler } from '@orpc/server/message-port';
import type { BrowserWindow, Dialog, IpcMain, IpcMainEvent, IpcMainInvokeEvent, Menu } from 'electron';
import { z } from 'zod';
import { withApiErrors } from '../hub/api-errors.ts';
import type { HubHolder } from '../hub/hub-holder.ts';
import { type ApiContext, router } from '../hub/router.ts';
import { CHANNELS } from './channels.ts';
import { isOwnSender } from './guards.ts';
import { menuEntries, menuTemplate } from './menu.ts';

const saveRequest = z.tuple([z.string().min(1).max(255), z.instanceof(Uint8Array)]);
const pdfRequest = z.tuple([z.string().min(1).max(255), z.string().max(64 * 2 ** 20)]);

export interface IpcParts {
  ipcMain: Pick<IpcMain, 'on' | 'handle'>;
  dialog: Pick<Dialog, 'showSaveDialog' | 'showOpenDialog'>;
  menu: Pick<typeof Menu, 'setApplicationMenu' | 'buildFromTemplate'>;
  holder: HubHolder;
  window(): BrowserWindow | null;
  /** Prints a page of its own, without scripts, as PDF. */
  printPdf(html: string): Promise<Uint8Array>;
}

/** Answers the preload script. A message that does not come from the window's own page is not heard. */
export function answerWindow({ ipcMain, dialog, menu, holder, window, printPdf }: IpcParts): void {
  const rpc = new RPCHandler<ApiContext>(router, { clientInterceptors: [withApiErrors] });
  const on = (channel: string, listener: (event: IpcMainEvent, value: unknown) => void) =>
    ipcMain.on(channel, (event, value: unknown) => {
      if (isOwnSender(event)) listener(event, value);
    });
  const handle = (channel: string, answer: (...values: unknown[]) => Promise<string | null>) =>
    ipcMain.handle(channel, (event: IpcMainInvokeEvent, ...values: unknown[]) => {
      if (!isOwnSender(event)) throw new Error('this page may not ask');
      return answer(...values);
    });
  const save = async (
    name: string,
    content: () => Promise<Uint8Array> | Uint8Array,
  ): Promise<string | null> => {
    const owner = window();
    if (!owner) return null;
    const { filePath, canceled } = await dialog.showSaveDialog(owner, { defaultPath: basename(name) });
    if (canceled || filePath === '') return null;
    await writeFile(filePath, await content());
    return filePath;
  };
  on(CHANNELS.connect, ({ ports: [port] }) => {
    if (!port) return;
    rpc.upgrade(port, { context: { holder, readsAnywhere: true } });
    port.start();
  });
  on(CHANNELS.setMenu, (_event, value) => {
    const perform = (id: string) => window()?.webContents.send(CHANNELS.action, id);
    const template = menuTemplate(menuEntries.parse(value), perform, process.platform === 'darwin');
    menu.setApplicationMenu(menu.buildFromTemplate(template));
  });
  handle(CHANNELS.chooseFolder, async () => {
    const owner = window();
    if (!owner) return null;
    const { filePaths, canceled } = await dialog.showOpenDialog(owner, {
      properties: ['openDirectory', 'createDirectory'],
    });
    return canceled ? null : (filePaths[0] ?? null);
  });
  handle(CHANNELS.saveFile, (...values) => {
    const [name, content] = saveRequest.parse(values);
    return save(name, () => content);
  });
  handle(CHANNELS.savePdf, (...values) => {
    const [name, html] = pdfRequest.parse(values);
    return save(name, () => printPdf(html));
  });
}
