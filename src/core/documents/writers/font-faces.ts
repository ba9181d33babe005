/** The bundled typeface inside a report, which is read where it is not installed. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const FAMILY = 'IBM Plex Sans';
const PACKAGE = '@fontsource-variable/ibm-plex-sans';
/** Of models' names and numbers; other letters are set in the reader's own typeface. */
const SUBSETS = ['latin', 'greek'] as const;

let faces: string | null = null;

/** CSS with the files as data. Empty where the package is not there: readers then see their own sans serif. */
export function fontFaces(): string {
  faces ??= SUBSETS.map(face).join('');
  return faces;
}

function face(subset: (typeof SUBSETS)[number]): string {
  const { resolve } = createRequire(import.meta.url);
  try {
    const ranges: Record<string, string> = JSON.parse(
      readFileSync(resolve(`${PACKAGE}/unicode.json`), 'utf8'),
    );
    const path = resolve(`${PACKAGE}/files/ibm-plex-sans-${subset}-wght-normal.woff2`);
    const data = readFileSync(path).toString('base64');
    return `@font-face { font-family: "${FAMILY}"; font-weight: 100 700; unicode-range: ${ranges[subset]}; src: url(data:font/woff2;base64,${data}) format("woff2"); }\n`;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return '';
    throw error;
  }
}
