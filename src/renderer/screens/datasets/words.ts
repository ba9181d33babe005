/** Messages of an import as the window says them. */

/** Where the browser shell keeps dropped files, which is of no interest to who dropped them. */
const UPLOAD = /\S*[\\/]uploads[\\/][0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}[\\/]/g;
/** What to do in a terminal: in the window the control stands beside the message. */
const OPTION_ADVICE = /[;:,]\s[^;:]*--[a-z][^;]*$/;

export function fileText(path: string): string {
  return path.replaceAll(UPLOAD, '');
}

/** Without its folders. */
export function fileName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}

export function importProblem(message: string): string {
  return fileText(message).replace(OPTION_ADVICE, '');
}

const PHASES = {
  read: 'Reading the files',
  describe: 'Reading titles and side columns',
  filter: 'Filtering',
  order: 'Ordering the sequences',
  summarise: 'Summarising',
} as const;

export function phaseText(phase: keyof typeof PHASES): string {
  return PHASES[phase];
}
