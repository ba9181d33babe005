/** Charts as files. */
import { themeColour } from './colours.ts';
import { type Painter, type Size, svgFile } from './painter.ts';

export interface ChartFiles {
  svg(): Promise<Blob> | Blob;
  png(): Promise<Blob> | Blob;
}

/** Of a chart that is an SVG element; null while it is not there. */
export function svgFiles(svg: SVGSVGElement | null | undefined): ChartFiles | null {
  const background = themeColour('--background');
  return svg ? { svg: () => svgBlob(svg, background), png: () => svgPng(svg, background) } : null;
}

/** Of a chart that was painted on a canvas; null while it is not there. */
export function paintedFiles(
  canvas: HTMLCanvasElement | null,
  size: Size,
  background: string,
  paint: (painter: Painter) => void,
): ChartFiles | null {
  return canvas && { svg: () => svgFile(size, background, paint), png: () => canvasPng(canvas, background) };
}

const SVG_NAMESPACE = 'http://www.w3.org/2000/svg';

/** An SVG element as a file of its own: with its namespace, background and the fonts it is drawn in. */
export function svgBlob(svg: SVGSVGElement, background: string): Blob {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  copy.setAttribute('xmlns', SVG_NAMESPACE);
  const { width, height } = svg.getBoundingClientRect();
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  const style = getComputedStyle(svg);
  copy.style.fontFamily = style.fontFamily;
  copy.style.color = style.color;
  copy.style.background = background;
  return new Blob([new XMLSerializer().serializeToString(copy)], { type: 'image/svg+xml' });
}

/** The same as pixels, twice as fine as on the screen. */
async function svgPng(svg: SVGSVGElement, background: string): Promise<Blob> {
  const url = URL.createObjectURL(svgBlob(svg, background));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = 2 * image.width;
    canvas.height = 2 * image.height;
    const context = canvas.getContext('2d');
    if (!context) throw new Error('this browser cannot draw the chart');
    context.scale(2, 2);
    context.drawImage(image, 0, 0);
    return await canvasPng(canvas, null);
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** A canvas as a PNG, on a background where it has none of its own. */
export function canvasPng(canvas: HTMLCanvasElement, background: string | null): Promise<Blob> {
  let source = canvas;
  if (background !== null) {
    source = document.createElement('canvas');
    source.width = canvas.width;
    source.height = canvas.height;
    const context = source.getContext('2d');
    if (context) {
      context.fillStyle = background;
      context.fillRect(0, 0, source.width, source.height);
      context.drawImage(canvas, 0, 0);
    }
  }
  return new Promise((resolve, reject) => {
    source.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('the chart cannot be saved'))),
      'image/png',
    );
  });
}
