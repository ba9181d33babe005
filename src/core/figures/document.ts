/** The little of a document that drawing needs: a window's own one or, where there is none, one that becomes text. */
import { escapeHtml } from '../documents/writers/text.ts';

/** An element, or a text in one. */
export interface FigureNode {
  readonly childNodes: Iterable<FigureNode>;
  removeAttribute?(name: string): void;
}

export interface FigureElement extends FigureNode {
  readonly outerHTML: string;
  setAttribute(name: string, value: string): void;
  /** Of the same document. */
  append(child: unknown): void;
  prepend(child: unknown): void;
}

export interface FigureDocument<E extends FigureElement = FigureElement> {
  createElementNS(namespace: string, name: string): E;
}

/** As CSS writes the name of a property. */
const dashed = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

class Style {
  /** In place of the document's own way: its properties are the fields of this object. */
  setProperty(name: string, value: unknown): void {
    Object.assign(this, { [name]: value });
  }

  text(): string {
    return Object.entries(this)
      .map(([name, value]) => `${dashed(name)}:${value}`)
      .join(';');
  }
}

/** What Observable Plot and d3 do to elements while they draw; nothing is read back but what stands in which. */
class TextElement implements FigureElement {
  readonly ownerDocument: FigureDocument;
  readonly namespaceURI: string;
  readonly name: string;
  readonly style = new Style();
  readonly childNodes: TextElement[] = [];
  parentNode: TextElement | null = null;
  textContent = '';
  readonly #attributes = new Map<string, string>();

  constructor(ownerDocument: FigureDocument, namespaceURI: string, name: string) {
    this.ownerDocument = ownerDocument;
    this.namespaceURI = namespaceURI;
    this.name = name;
  }

  setAttribute(name: string, value: string): void {
    this.#attributes.set(name, String(value));
  }

  setAttributeNS(_namespace: string, name: string, value: string): void {
    this.setAttribute(name, value);
  }

  getAttribute(name: string): string | null {
    return this.#attributes.get(name) ?? null;
  }

  hasAttribute(name: string): boolean {
    return this.#attributes.has(name);
  }

  removeAttribute(name: string): void {
    this.#attributes.delete(name);
  }

  insertBefore(child: TextElement, next: TextElement | null): TextElement {
    child.parentNode?.childNodes.splice(child.parentNode.childNodes.indexOf(child), 1);
    child.parentNode = this;
    this.childNodes.splice(next ? this.childNodes.indexOf(next) : this.childNodes.length, 0, child);
    return child;
  }

  appendChild(child: TextElement): TextElement {
    return this.insertBefore(child, null);
  }

  append(child: TextElement): void {
    this.insertBefore(child, null);
  }

  prepend(child: TextElement): void {
    this.insertBefore(child, this.childNodes[0] ?? null);
  }

  get children(): readonly TextElement[] {
    return this.childNodes;
  }

  querySelectorAll(): never[] {
    return [];
  }

  get outerHTML(): string {
    const style = this.style.text();
    const attributes = [...this.#attributes, ...(style ? [['style', style]] : [])];
    const head = `${this.name}${attributes.map(([name, value]) => ` ${name}="${escapeHtml(value)}"`).join('')}`;
    // A style sheet is not escaped; Plot writes it, and no name of a user is in it.
    const lines = this.name === 'style' ? [this.textContent] : this.textContent.split('\n').map(escapeHtml);
    const content = lines.join('\n') + this.childNodes.map((child) => child.outerHTML).join('');
    return content === '' ? `<${head}/>` : `<${head}>${content}</${this.name}>`;
  }
}

/** A document whose elements become text. */
export function textDocument(): FigureDocument {
  const made = {
    createElementNS: (namespace: string, name: string) => new TextElement(made, namespace, name),
    documentElement: {} as object,
  };
  made.documentElement = { ownerDocument: made, namespaceURI: '' };
  return made;
}
