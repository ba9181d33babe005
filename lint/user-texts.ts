/** The texts of a source file that a user may read: literals with words, and what stands between tags. */
import { parseSync } from 'vite';

export interface UserText {
  line: number;
  /** In one line; "…" for what is put in. */
  text: string;
}

interface Node {
  type: string;
  start: number;
  [field: string]: unknown;
}

/** Attributes whose words are for the browser. */
const FOR_BROWSER = /^(className|class|style|d|id|key|type|role|viewBox|data-.*)$/;

/** Every text with a space in it, or a capital at its beginning. */
export function userTexts(path: string, source: string): UserText[] {
  const found = [...texts(parseSync(path, source).program as unknown as Node)];
  return found.flatMap(({ start, text }) => {
    const plain = text.replaceAll(/\s+/g, ' ').trim();
    return / |^\p{Lu}/u.test(plain) ? [{ line: source.slice(0, start).split('\n').length, text: plain }] : [];
  });
}

function* texts(node: unknown): Generator<{ start: number; text: string }> {
  if (Array.isArray(node)) for (const child of node) yield* texts(child);
  if (node === null || typeof node !== 'object' || !('type' in node)) return;
  const { type, start, value, source, ...rest } = node as Node;
  if (type === 'Literal' || type === 'JSXText') {
    if (typeof value === 'string') yield { start, text: value };
  } else if (type === 'TemplateLiteral') {
    const quasis = rest.quasis as { value: { cooked: string } }[];
    yield { start, text: quasis.map(({ value: part }) => part.cooked).join('…') };
    yield* texts(rest.expressions);
  } else if (type === 'JSXAttribute') {
    if (!FOR_BROWSER.test(String((rest.name as { name?: unknown }).name))) yield* texts(value);
  } else if (type !== 'ImportDeclaration' && !type.startsWith('TS')) {
    for (const child of [value, ...Object.values(rest)]) yield* texts(child);
  } else if (/^TS(As|Satisfies|NonNull)/.test(type)) yield* texts(rest.expression);
}
