/** An SVG as elements: those that this program draws, without the rest of XML. */
import { UserError } from '../../errors.ts';

export interface SvgElement {
  name: string;
  /** With what `style` says, which goes before them. */
  attributes: Readonly<Record<string, string>>;
  children: (SvgElement | string)[];
}

const TOKENS =
  /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<\/([\w:-]+)\s*>|<([\w:-]+)((?:\s+[\w:-]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|([^<]+)|(<)/g;
const ATTRIBUTES = /([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const LETTERS: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Deeper ones are none that this program draws. */
const MOST_DEEP = 64;

const plain = (text: string) =>
  text.replaceAll(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return LETTERS[name] ?? whole;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });

/** The outermost element. Throws UserError for what is no such file. */
export function readSvg(text: string): SvgElement {
  const wrong = (why: string) => new UserError(`the figure is no SVG that can be read: ${why}`);
  const root: SvgElement = { name: '', attributes: {}, children: [] };
  const open = [root];
  for (const [, end, name, written = '', isEmpty, content, stray] of text.matchAll(TOKENS)) {
    const last = open[open.length - 1];
    if (stray !== undefined) throw wrong('it has a declaration, or a sign that opens nothing');
    if (content !== undefined) last.children.push(plain(content));
    else if (name !== undefined) {
      const element = { name, attributes: attributesOf(written), children: [] };
      last.children.push(element);
      if (open.length > MOST_DEEP) throw wrong('its parts lie too deep in each other');
      if (isEmpty === '') open.push(element);
    } else if (end !== undefined) {
      if (last.name !== end || open.length === 1) throw wrong(`<${end}> is closed where it is not open`);
      open.pop();
    }
  }
  const found = root.children.find((child) => typeof child !== 'string');
  if (open.length > 1 || typeof found !== 'object' || found.name !== 'svg') throw wrong('it is not whole');
  return found;
}

function attributesOf(written: string): Record<string, string> {
  const found = [...written.matchAll(ATTRIBUTES)].map(
    ([, name, double, single]) => [name, plain(double ?? single)] as const,
  );
  const attributes = Object.fromEntries(found);
  const styles = (attributes.style ?? '').split(';').flatMap((one) => {
    const [name, ...value] = one.split(':');
    return value.length === 0 ? [] : [[name.trim(), value.join(':').trim()] as const];
  });
  return { ...attributes, ...Object.fromEntries(styles) };
}
