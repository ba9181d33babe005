/** Names of the messages between preload and main. */
export const CHANNELS = {
  connect: 'tessera:connect',
  chooseFolder: 'tessera:choose-folder',
  saveFile: 'tessera:save-file',
  savePdf: 'tessera:save-pdf',
  setMenu: 'tessera:set-menu',
  action: 'tessera:action',
  openPaths: 'tessera:open-paths',
} as const;
