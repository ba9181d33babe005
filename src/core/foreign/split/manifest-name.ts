/** The file that goes with an exported split, in a module that reads nothing else. */
export const MANIFEST = 'manifest.json';
