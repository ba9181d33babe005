/** Finds every key of the window: the actions that its sources define with a shortcut. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'vite';
import { screens } from '../src/renderer/screens/registry.ts';

/** A node of the syntax tree, of which only what is read here is known. */
type Node = { type: string } & Record<string, unknown>;
type Known = ReadonlyMap<string, string>;

export interface Shortcut {
  /** Of the actions that mean one thing on one screen. */
  where: string;
  key: string;
  label: string;
}

/** Every action with a key, by the file that defines it; a key that is computed is that of a screen. */
export function shortcutsOf(project: string): Shortcut[] {
  const files = globSync('src/renderer/**/*.{ts,tsx}', { cwd: project }).filter(
    (file) => !/\.test\./.test(file),
  );
  const found = files.sort().flatMap((file) => {
    const path = file.replaceAll('\\', '/');
    const text = readFileSync(join(project, path), 'utf8');
    return text.includes('shortcut')
      ? actionsIn(path, text).map((action) => ({ where: placeOf(path), ...action }))
      : [];
  });
  const goes = screens.flatMap((screen) =>
    'key' in screen ? [{ where: EVERYWHERE, key: `g ${screen.key}`, label: `Go to ${screen.title}` }] : [],
  );
  return [...goes, ...found];
}

const EVERYWHERE = 'Everywhere';

const PLACES: Readonly<Record<string, string>> = {
  studies: 'Sweeps and Scaling, on a page',
  runs: 'Recommendations',
};

function placeOf(path: string): string {
  const [, room, name] = /^src\/renderer\/([^/]+)\/([^/]+)/.exec(path) ?? [];
  const screen = room === 'screens' && screens.find(({ id }) => id === name);
  return screen ? screen.title : (PLACES[room] ?? EVERYWHERE);
}

/** The actions of one file: written out as objects, or by a function of the file that takes the key. */
export function actionsIn(path: string, text: string): Omit<Shortcut, 'where'>[] {
  const nodes = [...walk(parseSync(path, text).program as unknown as Node)];
  const makers = nodes.flatMap(makerOf);
  const calls = nodes.filter(({ type }) => type === 'CallExpression');
  const spread = new Set(nodes.map(({ type, argument }) => type === 'SpreadElement' && argument));
  return nodes
    .filter((node) => node.type === 'ObjectExpression' && !spread.has(node))
    .flatMap((node) => {
      const fields = fieldsOf(node);
      const { shortcut, label } = fields;
      if (!shortcut || !label) return [];
      const maker = makers.find(({ object }) => object === node);
      const known = maker
        ? calls.filter(({ callee }) => nameOf(callee) === maker.name).map((call) => given(maker, call))
        : [];
      return (maker ? known : [NOUNS]).flatMap((values) => {
        const key = textOf(shortcut, values);
        return key && !key.includes(REST) ? [{ key, label: textOf(label, values) ?? '' }] : [];
      });
    });
}

function* walk(node: unknown): Generator<Node> {
  if (Array.isArray(node)) for (const child of node) yield* walk(child);
  else if (node !== null && typeof node === 'object') {
    if ('type' in node) yield node as Node;
    yield* walk(Object.values(node));
  }
}

const nameOf = (node: unknown) => (node as { name?: string } | null)?.name;

/** The fields of an object and of those that are spread in it where they stand. */
function fieldsOf(node: Node): Record<string, Node> {
  const fields: Record<string, Node> = {};
  for (const property of node.properties as Node[]) {
    if (property.type !== 'SpreadElement') fields[nameOf(property.key) ?? ''] = property.value as Node;
    else if ((property.argument as Node).type === 'ObjectExpression')
      Object.assign(fields, fieldsOf(property.argument as Node));
  }
  return fields;
}

interface Maker {
  name: string;
  parameters: string[];
  /** The action that it makes. */
  object: Node;
}

/** `const action = (id, label, shortcut) => ({ … })` */
function makerOf(node: Node): Maker[] {
  const { type, id, init } = node as unknown as { type: string; id: unknown; init: Node | null };
  if (type !== 'VariableDeclarator' || init?.type !== 'ArrowFunctionExpression') return [];
  const object =
    (init.body as Node).type === 'ParenthesizedExpression' ? (init.body as Node).expression : init.body;
  const parameters = (init.params as Node[]).map((parameter) => nameOf(parameter) ?? '');
  return (object as Node).type === 'ObjectExpression' && parameters.includes('shortcut')
    ? [{ name: nameOf(id) ?? '', parameters, object: object as Node }]
    : [];
}

/** What a call gives for the parameters, where that can be read. */
function given({ parameters }: Maker, call: Node): Known {
  const texts = (call.arguments as Node[]).map((argument) => textOf(argument, new Map()));
  return new Map(parameters.flatMap((name, at) => (texts[at] ? [[name, texts[at]]] : [])));
}

/** What a word of a label is on the pages that share their actions. */
const NOUNS: Known = new Map([['noun', 'sweep or study']]);

/** Stands for what is not known before the window runs. */
const REST = '…';

/** "Pin the run", "Resume the queue / Pause the queue", "Delete this …"; null for what says nothing. */
function textOf(node: Node, known: Known): string | null {
  if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : null;
  if (node.type === 'Identifier') return known.get(nameOf(node) ?? '') ?? null;
  if (node.type === 'ConditionalExpression') {
    const texts = [node.consequent, node.alternate].map((part) => textOf(part as Node, known));
    return [...new Set(texts.filter((text) => text !== null))].join(' / ') || null;
  }
  if (node.type !== 'TemplateLiteral') return null;
  const parts = (node.expressions as Node[]).map((part) => textOf(part, known) ?? REST);
  const quasis = (node.quasis as { value: { cooked: string } }[]).map(({ value }) => value.cooked);
  return quasis.map((text, at) => text + (parts[at] ?? '')).join('');
}

/** "Ctrl+K", "G, then R" */
function keyText(key: string): string {
  if (key === ' ') return '`Space`';
  const keys = key
    .split(' ')
    .map((one) => one.replace(/^[A-Z]$/, 'Shift+$&').replace(/^[a-z]$/, (letter) => letter.toUpperCase()));
  return keys.map((one) => `\`${one.replace('Mod', 'Ctrl')}\``).join(' then ');
}

/** Keys of lists and forms, which belong to what has the focus. */
const FIXED: readonly (readonly [where: string, rows: readonly (readonly [keys: string, what: string])[]])[] =
  [
    [
      'Tables and lists',
      [
        ['`↑` `↓` `Home` `End` `Page up` `Page down`', 'Move to another row'],
        ['`Shift` with these', 'Extend the selection'],
        ['`Space`', 'Select the row or take it out; open or close a group'],
        ['`Ctrl+A`, `Escape`', 'Select all, select none'],
        ['`→` `←`', 'Open and close a row with seeds or a group; go to the row above it'],
        ['`Enter`', 'Open the row'],
        [
          '`Alt+↑` `Alt+↓` `Alt+Home` `Alt+End`',
          'Move an entry whose order counts, such as a run of the queue',
        ],
        ['`Alt+←` `Alt+→` on the head of a column', 'Make the column narrower or wider'],
      ],
    ],
    [
      'Dialogs and fields',
      [
        ['`Enter`', 'Do what the main button says; choose the entry of a list'],
        ['`Ctrl+Enter`', 'The same from a field of several lines, and for a new run from anywhere'],
        ['`Space` in a list of choices', 'Choose several'],
        ['`Escape`', 'Close; what was typed is offered again'],
        ['`F8`', 'Go to the button of the newest message, such as *Undo*'],
      ],
    ],
    [
      'Figures',
      [
        ['`←` `→`, and `↑` `↓` between rows', 'Read another value'],
        ['`Home` `End`', 'The first or last mark'],
        ['`C`', 'Copy the values'],
        ['`Enter`', 'Choose the mark, or open what it stands for, where there is something behind it'],
      ],
    ],
    [
      'Palette',
      [
        ['`↑` `↓`', 'Another entry'],
        ['`Enter`', 'Open the run, or do what the entry says'],
        ['`Ctrl+Enter`', 'Add the run to the comparison'],
        ['`Tab`', 'What can be done with the run'],
      ],
    ],
  ];

/** docs/keys.md */
export function keysPage(project: string): string {
  const places = Map.groupBy(shortcutsOf(project), ({ where }) => where);
  const order = [EVERYWHERE, ...screens.map(({ title }) => title), ...Object.values(PLACES)];
  const sections = order.flatMap((where): [string, (readonly [string, string])[]][] => {
    const rows = places.get(where)?.map(({ key, label }) => [keyText(key), label] as const) ?? [];
    return rows.length > 0 ? [[where, [...new Map(rows.map((row) => [row.join(), row])).values()]]] : [];
  });
  const table = ([where, rows]: readonly [string, readonly (readonly [string, string])[]]) =>
    `\n## ${where}\n\n| key | what it does |\n|---|---|\n${rows.map(([keys, what]) => `| ${keys} | ${what} |\n`).join('')}`;
  const head =
    'On a Mac `Ctrl` is `⌘`. `?` shows those of the screen that is open, and `Ctrl+K` finds every command by a word. Letters belong to what is typed while a field has the focus. Made from the actions of the window: after a change there, run `npm run docs`.';
  return `# Keys of the window\n\n${head}\n${[...sections, ...FIXED].map(table).join('')}`;
}
