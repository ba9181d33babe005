/** Changes a plan as a form does: only the lines of what is changed are written anew, and every comment stays. */
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  stringify,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';

type Step = string | number;

/** As some editors begin a file. It counts as white space, and not as indentation. */
const BYTE_ORDER_MARK = '\uFEFF';

/** What takes the place of the characters from `from` until before `to`. */
interface Edit {
  from: number;
  to: number;
  text: string;
}

/**
 * Sets what stands at a path such as ["models", 2, "trials"], with undefined takes it away, and behind the last index of a list adds to it.
 * Of a model the path is of what its id has, however it is written. A text that is no YAML stays as it is.
 */
export function changeText(text: string, path: readonly Step[], value: unknown): string {
  const document = parseDocument(text, { logLevel: 'error' });
  if (document.errors.length > 0 || !isNode(document.contents)) return text;
  const edit = editOf(text, document, path, value);
  if (edit === null) return text;
  const changed = edited(text, edit);
  if (value !== undefined || isWhole(changed)) return changed;
  // What was taken away stands elsewhere, too: it is written out there first.
  return edited(text, edit, ...aliasesOf(document).filter(({ from }) => from < edit.from || from >= edit.to));
}

/** Edits are of parts that do not meet. */
const edited = (text: string, ...edits: readonly Edit[]) =>
  edits
    .toSorted((one, other) => other.from - one.from)
    .reduce((now, { from, to, text: part }) => now.slice(0, from) + part + now.slice(to), text);

function isWhole(text: string): boolean {
  const document = parseDocument(text, { logLevel: 'error' });
  try {
    document.toJS();
    return document.errors.length === 0;
  } catch {
    return false;
  }
}

/** Every alias as what it stands for. */
function aliasesOf(document: Document): Edit[] {
  const edits: Edit[] = [];
  visit(document, {
    Alias: (_, alias) => {
      const [from, to] = rangeOf(alias);
      edits.push({ from, to, text: textOf(alias.toJS(document)) });
    },
  });
  return edits;
}

/** First and last line, from 1, of each model. */
export function linesOfModel(text: string): [first: number, last: number][] {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, logLevel: 'error' });
  const models = isMap(document.contents) ? document.contents.get('models', true) : null;
  if (!isSeq(models)) return [];
  return models.items.map((item) => {
    const [from, to] = isNode(item) ? contentOf(text, item) : [0, 0];
    return [lineCounter.linePos(from).line, lineCounter.linePos(to).line];
  });
}

function editOf(text: string, document: Document, path: readonly Step[], value: unknown): Edit | null {
  let parent = document.contents as Node;
  for (const [at, step] of path.slice(0, -1).entries()) {
    const child = stepInto(parent, step);
    // What stands elsewhere, too, is written out here before it is changed here alone.
    if (isAlias(child)) return writtenOut(document, child, path.slice(at + 1), value);
    if (child === null && isMap(parent) && value !== undefined)
      return pairEdit(text, parent, String(step), nested(path.slice(at + 1), value));
    if (child === null) return null;
    const isModel = at === 1 && path[0] === 'models';
    if (isModel && isScalar(child)) return modelEdit(text, child, isFlow(parent), path.slice(2), value);
    parent = isModel ? settingsOf(child) : child;
    if (isScalar(parent))
      return parent.value === null ? emptyEdit(text, parent, path.slice(at + 1), value) : null;
  }
  const last = path[path.length - 1];
  if (isSeq(parent) && typeof last === 'number') return itemEdit(text, parent, last, value);
  return isMap(parent) ? pairEdit(text, parent, String(last), value) : null;
}

/** What stands at a key or index. */
function stepInto(node: Node, step: Step): Node | null {
  const found = isMap(node) || isSeq(node) ? node.get(step as never, true) : null;
  return isNode(found) ? found : null;
}

/** Of { sasrec: { … } } what its id has. */
function settingsOf(model: Node): Node {
  if (!isMap(model) || model.items.length !== 1 || model.has('model')) return model;
  const [{ value }] = model.items;
  return isNode(value) ? value : model;
}

const isFlow = (node: Node) => (isMap(node) || isSeq(node)) && node.flow === true;

/** In one line. */
function textOf(value: unknown): string {
  const list = stringify([value], { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: true });
  return list.trim().slice(1, -1).trim();
}

/** { a: { b: value } } of ["a", "b"]. */
const nested = (path: readonly Step[], value: unknown): unknown =>
  path.reduceRight((inner, step) => ({ [step]: inner }), value);

/** "- popularity" becomes "- popularity: { trials: 4 }". */
function modelEdit(
  text: string,
  model: Node,
  inFlow: boolean,
  path: readonly Step[],
  value: unknown,
): Edit | null {
  if (value === undefined) return null;
  const [from, to] = rangeOf(model);
  const pair = `${text.slice(from, to)}: ${textOf(nested(path, value))}`;
  return { from, to, text: inFlow ? `{ ${pair} }` : pair };
}

/** "- sasrec:" becomes "- sasrec: { trials: 4 }". */
function emptyEdit(text: string, { range }: Node, path: readonly Step[], value: unknown): Edit | null {
  if (value === undefined || !range) return null;
  // Right behind the colon: a comment may follow.
  const from = text.slice(0, range[0]).trimEnd().length;
  return { from, to: from, text: ` ${textOf(nested(path, value))}` };
}

function writtenOut(document: Document, alias: Node, path: readonly Step[], value: unknown): Edit | null {
  const whole = alias.toJS(document) as unknown;
  const [from, to] = rangeOf(alias);
  return { from, to, text: textOf(withAt(whole, path, value)) };
}

function withAt(whole: unknown, [step, ...rest]: readonly Step[], value: unknown): unknown {
  if (step === undefined) return value;
  const inner = withAt((whole as Record<Step, unknown> | null)?.[step], rest, value);
  if (Array.isArray(whole)) return whole.with(Number(step), inner);
  const { [step]: _, ...others } = (whole ?? {}) as Record<Step, unknown>;
  return inner === undefined ? others : { ...others, [step]: inner };
}

function pairEdit(text: string, map: YAMLMap, key: string, value: unknown): Edit | null {
  const at = map.items.findIndex((pair) => isScalar(pair.key) && String(pair.key.value) === key);
  const pair = map.items[at];
  if (value === undefined) return pair ? removal(text, map, at) : null;
  if (pair) return valueEdit(text, pair, value);
  const added = `${key}: ${textOf(value)}`;
  return addition(text, map, added);
}

function valueEdit(text: string, { key, value: node }: Pair, value: unknown): Edit {
  const written = textOf(value);
  if (isNode(node) && node.range && node.range[1] > node.range[0]) {
    const [from, to] = contentOf(text, node);
    return { from, to, text: written };
  }
  const colon = text.indexOf(':', isNode(key) ? rangeOf(key)[1] : 0) + 1;
  return { from: colon, to: colon, text: ` ${written}` };
}

/** Behind the last thing of a map or a list. */
function addition(text: string, parent: YAMLMap | YAMLSeq, added: string): Edit | null {
  const { items } = parent;
  const end = items.length === 0 ? rangeOf(parent)[0] + 1 : endOfItem(text, items[items.length - 1]);
  if (isFlow(parent)) {
    const rest = text.slice(end, rangeOf(parent)[1] - 1);
    const isOpen = items.length > 0 && rest.includes(',');
    const separator = items.length === 0 || isOpen ? ' ' : ', ';
    const from = isOpen ? end + rest.indexOf(',') + 1 : end;
    return { from, to: from, text: separator + added + (items.length === 0 ? ' ' : '') };
  }
  if (items.length === 0) return null;
  const start = startOfItem(text, items[0]);
  const before = text.slice(lineStart(text, start), start).replace(BYTE_ORDER_MARK, '');
  const from = lineEnd(text, end);
  const ending = text[from - 1] === '\r' ? '\r' : '';
  return { from, to: from, text: `\n${before.replaceAll(/[^\s]/g, ' ')}${added}${ending}` };
}

function itemEdit(text: string, list: YAMLSeq, at: number, value: unknown): Edit | null {
  const item = list.items[at];
  if (value === undefined) return item === undefined ? null : removal(text, list, at);
  if (isNode(item)) {
    const [from, to] = contentOf(text, item);
    return { from, to, text: textOf(value) };
  }
  return addition(text, list, isFlow(list) ? textOf(value) : `- ${itemText(value)}`);
}

/** A model of one key stands without braces. */
function itemText(value: unknown): string {
  const written = textOf(value);
  const entries = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  return entries.length === 1 ? written.replace(/^\{ /, '').replace(/ \}$/, '') : written;
}

function removal(text: string, parent: YAMLMap | YAMLSeq, at: number): Edit | null {
  const { items } = parent;
  const [start, end] = [startOfItem(text, items[at]), endOfItem(text, items[at])];
  if (isFlow(parent)) {
    const isLast = at === items.length - 1;
    const from = isLast && at > 0 ? endOfItem(text, items[at - 1]) : start;
    return { from, to: isLast ? end : startOfItem(text, items[at + 1]), text: '' };
  }
  // The last of a list leaves one that is none.
  if (items.length === 1) return null;
  const [from, to] = [lineStart(text, start), lineEnd(text, end)];
  // The first key of "- a: 1" stands behind the sign of its item.
  const before = text.slice(from, start);
  if (before.trim() !== '' && at + 1 < items.length)
    return { from: start, to: startOfItem(text, items[at + 1]), text: '' };
  return { from, to: Math.min(text.length, to + 1), text: '' };
}

/** Of an item of a list in lines, with its sign. */
function startOfItem(text: string, item: unknown): number {
  const node = isNode(item) ? item : (item as Pair<Node>).key;
  const [from] = rangeOf(node);
  const before = text.slice(lineStart(text, from), from);
  return isNode(item) && /^\s*-\s+$/.test(before) ? lineStart(text, from) + before.indexOf('-') : from;
}

function endOfItem(text: string, item: unknown): number {
  if (isNode(item)) return contentOf(text, item)[1];
  const { key, value } = item as Pair;
  if (isNode(value) && value.range && value.range[1] > value.range[0]) return contentOf(text, value)[1];
  const end = isNode(key) ? rangeOf(key)[1] : 0;
  return text[end] === ':' ? end + 1 : end;
}

const rangeOf = (node: Node): readonly [from: number, to: number] => {
  const { range } = node;
  if (!range) throw new Error('a node of a text has a place in it');
  return [range[0], range[1]];
};

/** Without the empty lines and comments behind it. */
function contentOf(text: string, node: Node): readonly [from: number, to: number] {
  const [from, to] = rangeOf(node);
  let end = to;
  for (;;) {
    const content = text.slice(from, end);
    const trimmed = content.trimEnd();
    const line = trimmed.slice(trimmed.lastIndexOf('\n') + 1);
    if (trimmed.includes('\n') && /^\s*#/.test(line)) end = from + trimmed.lastIndexOf('\n');
    else return [from, from + trimmed.length];
  }
}

const lineStart = (text: string, at: number) => text.lastIndexOf('\n', at - 1) + 1;

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}
