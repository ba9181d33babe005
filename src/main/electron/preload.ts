/** The bridge: the few things a page may ask of Electron. Built as CommonJS, because it runs sandboxed. */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { MainChannels, PageChannels, RequestChannels } from './channels.ts';

function request<K extends keyof RequestChannels>(
  channel: K,
  ...values: Parameters<RequestChannels[K]>
): Promise<ReturnType<RequestChannels[K]>> {
  return ipcRenderer.invoke(channel, ...values).catch((error: Error) => {
    // What went wrong, without Electron's words around it.
    throw new Error(error.message.replace(/^Error invoking remote method '[^']*': Error: /, ''));
  });
}

function send<K extends keyof PageChannels>(
  channel: K,
  values: Parameters<PageChannels[K]>,
  ports: MessagePort[] = [],
): void {
  ipcRenderer.postMessage(channel, values, ports);
}

function listen<K extends keyof MainChannels>(
  channel: K,
  listener: (...values: Parameters<MainChannels[K]>) => void,
): void {
  ipcRenderer.on(channel, (_event, ...values) => listener(...(values as Parameters<MainChannels[K]>)));
}

contextBridge.exposeInMainWorld('tessera', {
  platform: process.platform,
  connect() {
    const { port1, port2 } = new MessageChannel();
    send('tessera:connect', [], [port1]);
    // A port cannot cross the bridge as an argument; a message to the page carries it.
    window.postMessage('tessera-port', '*', [port2]);
  },
  pathOf: (file: File) => webUtils.getPathForFile(file),
  chooseFolder: () => request('tessera:choose-folder'),
  saveFile: (name: string, content: Uint8Array) => request('tessera:save-file', name, content),
  savePdf: (name: string, html: string) => request('tessera:save-pdf', name, html),
  setMenu: (...values: Parameters<PageChannels['tessera:set-menu']>) => send('tessera:set-menu', values),
  onAction: (listener: (id: string) => void) => listen('tessera:action', listener),
  onOpenPaths: (listener: (paths: string[]) => void) => listen('tessera:open-paths', listener),
});
