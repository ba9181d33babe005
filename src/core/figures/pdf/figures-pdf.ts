/** Figures as a PDF: a page each, of lines and letters that any size prints sharply, with the typeface inside. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Fonts } from './fonts.ts';
import { PdfFile, pdfNumber, pdfText } from './pdf-file.ts';
import { POINTS, SvgPage } from './svg-page.ts';
import { readSvg, type SvgElement } from './svg-tree.ts';
import { readWoff2, type Typeface } from './woff2.ts';

const PACKAGE = '@fontsource-variable/ibm-plex-sans/files/ibm-plex-sans';
/** Whatever a name is written in that the typeface has. */
const PARTS = ['latin', 'latin-ext', 'greek', 'cyrillic', 'cyrillic-ext', 'vietnamese'];

let typeface: Typeface[] | undefined;

/** In the weight of running text: PDF has no typefaces of several weights. */
function parts(): Typeface[] {
  const { resolve } = createRequire(import.meta.url);
  typeface ??= PARTS.map((part) => readWoff2(readFileSync(resolve(`${PACKAGE}-${part}-wght-normal.woff2`))));
  return typeface;
}

export interface FiguresPdf {
  /** Of ASCII letters alone, so that it travels as a text does. */
  text: string;
  /** Letters that the typeface has not: boxes stand in their places. */
  missing: string[];
}

/** `figures`: SVG files, each a page of its own size. Throws UserError for what is no such file. */
export function figuresPdf(figures: readonly string[], title: string): FiguresPdf {
  const file = new PdfFile();
  const fonts = new Fonts(parts());
  const [catalog, pages, letters] = [file.reserve(), file.reserve(), file.reserve()];
  const kids = figures.map((svg) => {
    const root = readSvg(svg);
    const { text, states, patterns } = new SvgPage(root, { file, fonts }).content;
    const [width, height] = sizeOf(root);
    const resources = `<< /Font ${letters} /ExtGState << ${states} >> /Pattern << ${patterns} >> >>`;
    return file.add(
      `<< /Type /Page /Parent ${pages} /MediaBox [0 0 ${pdfNumber(POINTS * width)} ${pdfNumber(POINTS * height)}] ` +
        `/Resources ${resources} /Contents ${file.stream('', text)} >>`,
    );
  });
  file.put(letters, fonts.write(file));
  file.put(pages, `<< /Type /Pages /Kids [${kids.join(' ')}] /Count ${kids.length} >>`);
  file.put(catalog, `<< /Type /Catalog /Pages ${pages} /Lang (en) >>`);
  const info = file.add(`<< /Title ${pdfText(title)} /Producer (Tessera) >>`);
  return { text: file.text(catalog, info), missing: [...fonts.missing] };
}

function sizeOf({ attributes }: SvgElement): [width: number, height: number] {
  const [width, height] = [attributes.width, attributes.height].map((one) => Number.parseFloat(one ?? ''));
  return [Number.isFinite(width) ? width : 1, Number.isFinite(height) ? height : 1];
}
