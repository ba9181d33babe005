/** The bridge: the few things a page may ask of Electron. Built as CommonJS, for it runs sandboxed. */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { CHANNELS } from './channels.ts';

contextBridge.exposeInMainWorld('tessera', {
  platform: process.platform,
  connect() {
    const { port1, port2 } = new MessageChannel();
    ipcRenderer.postMessage(CHANNELS.connect, null, [port1]);
    // A port cannot cross the bridge as an argument; a message to the page carries it.
    window.postMessage('tessera-port', '*', [port2]);
  },
  pathOf: (file: File) => webUtils.getPathForFile(file),
  chooseFolder: () => ipcRenderer.invoke(CHANNELS.chooseFolder),
  saveFile: (name: string, content: Uint8Array) => ipcRenderer.invoke(CHANNELS.saveFile, name, content),
  savePdf: (name: string, html: string) => ipcRenderer.invoke(CHANNELS.savePdf, name, html),
  setMenu: (entries: unknown) => ipcRenderer.send(CHANNELS.setMenu, entries),
  onAction(listener: (id: string) => void) {
    ipcRenderer.on(CHANNELS.action, (_event, id: string) => listener(id));
  },
  onOpenPaths(listener: (paths: string[]) => void) {
    ipcRenderer.on(CHANNELS.openPaths, (_event, paths: string[]) => listener(paths));
  },
});
