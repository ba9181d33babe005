/** Checks that the window calls runs by what they are called, and prints no raw `name` of one (`npm run lint`). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from 'vite';
import { runCheck, sourcesIn } from './sources.ts';

/** Where the raw name itself is meant. */
const ALLOWED: Readonly<Record<string, string>> = {
  'src/renderer/runs/RunName.tsx': 'the tooltip of what a run is called',
  'src/renderer/screens/run/RunScreen.tsx': 'the name that is changed there',
  'src/renderer/screens/run/curve-panels.ts': 'the name of a file',
  'src/renderer/screens/run/CurvesTab.tsx': 'the name of a file',
  'src/renderer/screens/run/SystemTab.tsx': 'the name of a file',
  'src/renderer/runs/comparison/share-figures.ts': 'a row of a comparison, whose name is what it is called',
  'src/renderer/runs/recommendations/ListTable.tsx': 'runs that carry what they are called (shown-runs.ts)',
  'src/renderer/runs/recommendations/RecommendationsView.tsx': 'the same',
  'src/renderer/runs/recommendations/UserBrowser.tsx': 'the same',
  'src/renderer/screens/language/EvaluationPanel.tsx':
    'stages of a pipeline, which are told apart by their names',
  'src/renderer/runs/table/columns.tsx': 'the tooltip of what a row is called, and what several names share',
};

/** The types of runs with their raw names; what a list or a comparison answers has names that are made to be shown. */
const RUN_TYPES = /^(RunRecord|OwnRun|ImportedRun|ExternalRun|MeasuredRun)$/;

interface Node {
  type: string;
  start: number;
  [field: string]: unknown;
}

/** Names of runs that a file of the window reads: `run.name`, and `{ name }` of a run. */
export function rawNames(path: string, source: string): number[] {
  const program = parseSync(path, source).program as unknown as Node;
  return [...found(program)].map((start) => source.slice(0, start).split('\n').length);
}

function* found(node: unknown): Generator<number> {
  if (Array.isArray(node)) for (const child of node) yield* found(child);
  if (node === null || typeof node !== 'object' || !('type' in node)) return;
  const { type, start, ...fields } = node as Node;
  if (type === 'MemberExpression' && wordOf(fields.property) === 'name' && isRun(fields.object)) yield start;
  if (
    type === 'ObjectPattern' &&
    takesName(fields.properties) &&
    RUN_TYPES.test(typeOf(fields.typeAnnotation))
  )
    yield start;
  if (type === 'VariableDeclarator' && isRun(fields.init)) {
    const pattern = fields.id as Node;
    if (pattern.type === 'ObjectPattern' && takesName(pattern.properties)) yield start;
  }
  yield* found(Object.values(fields));
}

const wordOf = (node: unknown) => (node as { name?: string } | null)?.name;

/** `run`, `page.run`, `rows[0].run` */
function isRun(node: unknown): boolean {
  const { type, property } = (node ?? {}) as Partial<Node>;
  return type === 'MemberExpression'
    ? wordOf(property) === 'run'
    : type === 'Identifier' && wordOf(node) === 'run';
}

const takesName = (properties: unknown) => (properties as Node[]).some(({ key }) => wordOf(key) === 'name');

/** "OwnRun" of `: OwnRun` and of `: Pick<OwnRun, …>` */
function typeOf(annotation: unknown): string {
  const { typeName, typeArguments } = ((annotation as Node | null)?.typeAnnotation ?? {}) as Partial<Node>;
  const name = wordOf(typeName) ?? '';
  const [first] = ((typeArguments as Node | null)?.params ?? []) as Node[];
  return name === 'Pick' || name === 'Omit' ? (wordOf(first?.typeName) ?? '') : name;
}

/** Every finding in one line: where, and the way out. */
export function checkRunNames(project: string, files: readonly string[], allowed = ALLOWED): string[] {
  return files.flatMap((file) => {
    const source = readFileSync(join(project, file), 'utf8');
    const lines = /\bname\b/.test(source) && /\bRun|\brun\b/.test(source) ? rawNames(file, source) : [];
    if (file in allowed)
      return lines.length > 0 ? [] : [`${file} prints no raw name: take it out of lint/run-names.ts`];
    return lines.map(
      (line) =>
        `${file}:${line}: the raw name of a run: show nameOf(run, among), nameAlone(run) or <RunName>, or name the file in lint/run-names.ts`,
    );
  });
}

export const filesOfWindow = (project: string) => sourcesIn(project, 'src/renderer');

runCheck(import.meta.filename, (project) => checkRunNames(project, filesOfWindow(project)));
