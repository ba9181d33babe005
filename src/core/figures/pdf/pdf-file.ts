/** The file that a PDF is: numbered objects, the table of their places, and streams that are packed and written as text. */
import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';

/** A number of an object, as others name it. */
export type Reference = `${number} 0 R`;

export class PdfFile {
  readonly #objects: string[] = [];

  /** A place for an object that is written later. */
  reserve(): Reference {
    return `${this.#objects.push('')} 0 R`;
  }

  put(place: Reference, content: string): Reference {
    this.#objects[Number.parseInt(place, 10) - 1] = content;
    return place;
  }

  add(content: string): Reference {
    return this.put(this.reserve(), content);
  }

  /** `entries`: of its dictionary, such as "/Type /XObject". */
  stream(entries: string, content: string | Uint8Array): Reference {
    const packed = ascii85(deflateSync(content));
    const about = `${entries} /Filter [/ASCII85Decode /FlateDecode] /Length ${packed.length}`;
    return this.add(`<< ${about.trim()} >>\nstream\n${packed}\nendstream`);
  }

  /** The same objects give the same text, of ASCII letters alone. */
  text(catalog: Reference, info: Reference): string {
    let text = '%PDF-1.5\n';
    const places = this.#objects.map((content, at) => {
      const place = text.length;
      text += `${at + 1} 0 obj\n${content}\nendobj\n`;
      return place;
    });
    const id = createHash('sha256').update(text).digest('hex').slice(0, 32);
    const rows = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`);
    const size = places.length + 1;
    return [
      ...[text, `xref\n0 ${size}\n0000000000 65535 f \n`, ...rows],
      `trailer\n<< /Size ${size} /Root ${catalog} /Info ${info} /ID [<${id}> <${id}>] >>\n`,
      `startxref\n${text.length}\n%%EOF\n`,
    ].join('');
  }
}

/** A number as PDF writes it: no exponent, no more digits than a printer has. */
export const pdfNumber = (value: number) => String(Number(value.toFixed(3)) + 0);

/** A text of any letters, as titles are written. */
export const pdfText = (text: string) => `<feff${Buffer.from(text, 'utf16le').swap16().toString('hex')}>`;

const LINE = 96;

/** Four bytes in five letters; four zeros in one. */
function ascii85(bytes: Uint8Array): string {
  const padded = Buffer.concat([bytes, new Uint8Array(-bytes.length & 3)]);
  let text = '';
  for (let at = 0; at < padded.length; at += 4) {
    let value = padded.readUInt32BE(at);
    const left = Math.min(4, bytes.length - at);
    if (value === 0 && left === 4) {
      text += 'z';
      continue;
    }
    const letters = [0, 0, 0, 0, 0].map(() => {
      const letter = String.fromCharCode(33 + (value % 85));
      value = Math.floor(value / 85);
      return letter;
    });
    text += letters
      .reverse()
      .join('')
      .slice(0, left + 1);
  }
  return `${text.replaceAll(new RegExp(`.{${LINE}}`, 'g'), '$&\n')}~>`;
}
