/** Every field of the window in which a user types, found in its sources: what is typed in it is kept, or it is said why not. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'vite';
import { sourcesIn } from '../../lint/sources.ts';

/** Parts of the kit that are a field of whoever uses them: each use is a field. */
const KIT = [
  ...['TextField', 'TextAreaField', 'NumberField', 'SearchField', 'PickField', 'SchemaForm'],
  ...['ProjectField', 'InlineName', 'ChipsControl', 'Wording'],
];
/** Where these are made. */
const MADE_IN = [...KIT, 'SchemaFormField'];
const UNTYPED = /^(checkbox|radio|range|file)$/;

interface Node {
  type: string;
  start: number;
  end: number;
  [field: string]: unknown;
}

/** Of every source the fields in it, each as "path: label"; a label that is no text is as its source says it, or "{…}" where that is long. */
export function typedFields(project: string): string[] {
  return sourcesIn(project, 'src/renderer').flatMap((path) => {
    const source = readFileSync(join(project, path), 'utf8');
    const place = path.replace('src/renderer/', '');
    const program = parseSync(path, source).program as unknown as Node;
    return [...fieldsIn(program, source, '')].map((label) => `${place}: ${label}`);
  });
}

function* fieldsIn(node: unknown, source: string, part: string): Generator<string> {
  if (Array.isArray(node)) for (const child of node) yield* fieldsIn(child, source, part);
  if (node === null || typeof node !== 'object' || !('type' in node)) return;
  const { type, ...rest } = node as Node;
  const own = type === 'FunctionDeclaration' ? String((rest.id as { name: string }).name) : part;
  if (type === 'JSXOpeningElement' && !MADE_IN.includes(own)) {
    const label = fieldLabel(node as Node, source);
    if (label !== null) yield label;
  }
  for (const child of Object.values(rest)) yield* fieldsIn(child, source, own);
}

/** Null for what is no field. */
function fieldLabel({ name, attributes }: Node, source: string): string | null {
  const tag = String((name as { name?: unknown }).name);
  const named = (wanted: string): string | undefined => {
    const found = (attributes as Node[]).find(
      ({ name: own }) => (own as { name?: unknown })?.name === wanted,
    );
    const value = found?.value as Node | undefined;
    if (found === undefined) return undefined;
    return value?.type === 'Literal' ? String(value.value) : source.slice(value?.start, value?.end);
  };
  const isField = KIT.includes(tag) || tag === 'input' || tag === 'textarea' || named('contentEditable');
  if (!isField || UNTYPED.test(named('type') ?? '')) return null;
  const label = named('label') ?? named('aria-label') ?? `<${tag}>`;
  return /[`'\n]/.test(label) ? '{…}' : label;
}
