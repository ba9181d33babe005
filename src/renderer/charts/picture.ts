/** What a figure's file is made of in the window: its typeface, and pixels. */
import { client } from '../state/api.ts';
import { notify } from '../state/toasts.ts';

/** Parts of the typeface by the letters that they are for; a file brings those that it uses. */
const TYPEFACE = [
  {
    letters: /./,
    load: () =>
      import('@fontsource-variable/ibm-plex-sans/files/ibm-plex-sans-latin-wght-normal.woff2?inline'),
  },
  {
    letters: /[\u0100-\u02ba\u1e00-\u1eff]/,
    load: () =>
      import('@fontsource-variable/ibm-plex-sans/files/ibm-plex-sans-latin-ext-wght-normal.woff2?inline'),
  },
  {
    letters: /[\u0370-\u03ff]/,
    load: () =>
      import('@fontsource-variable/ibm-plex-sans/files/ibm-plex-sans-greek-wght-normal.woff2?inline'),
  },
];

/** The style sheet of the typeface that a text is set in, as data. */
export async function typefaceFor(text: string): Promise<string> {
  const parts = await Promise.all(
    TYPEFACE.filter(({ letters }) => letters.test(text)).map(({ load }) => load()),
  );
  const faces = parts.map(
    ({ default: url }) =>
      `@font-face{font-family:"IBM Plex Sans Variable";font-weight:100 700;src:url(${url}) format("woff2")}`,
  );
  return faces.join('');
}

/** An SVG file as pixels, by default twice as fine as on the screen. */
export async function pngOf(
  svg: string,
  { width, height }: { width: number; height: number },
  fineness = 2,
): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [fineness * width, fineness * height];
  const context = canvas.getContext('2d');
  if (!context) throw new Error('this browser cannot draw the chart');
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('the chart cannot be saved'))),
      'image/png',
    );
  });
}

/** An SVG file as a PDF of lines and letters. Letters that the typeface lacks are told, for boxes stand in their places. */
export async function pdfOf(svg: string, title: string): Promise<Blob> {
  const { text, missing } = await client.compare.figurePdf({ svg, title });
  if (missing.length > 0)
    notify({
      level: 'warn',
      title: `The typeface has no ${missing.join(' ')}`,
      text: 'Boxes stand in their places.',
    });
  return new Blob([text], { type: 'application/pdf' });
}
