/**
 * Checks who imports whom (`npm run lint`): import cycles, the rules of rules.ts, orphans, what the window loads, and what
 * the hub's thread waits for.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { parseSync } from 'vite';
import { entries, hubThread, leaks, rules, simulated } from './rules.ts';
import { runCheck } from './sources.ts';

interface Arrow {
  from: string;
  /** A file of the project, or "npm:name" or "node:name". */
  to: string;
  kind: 'value' | 'type' | 'lazy';
}

/** Every finding in one line: what is wrong and the way out. */
export function checkArrows(project: string): string[] {
  const files = sources(project);
  const arrows = files.flatMap((file) => arrowsOf(project, file, new Set(files)));
  return [
    ...cycles(arrows).map((files) => `import cycle: ${files.join(' -> ')}`),
    ...arrows.flatMap(brokenRules),
    ...orphans(files, arrows).map(
      (file) => `${file}: nothing imports it; delete it, or name it in lint/rules.ts`,
    ),
    ...leaks.flatMap((leak) => leaksOf(leak, files, arrows)),
    ...files.filter((file) => hubThread.from.test(file)).flatMap((file) => waits(project, file)),
    ...files.filter((file) => simulated.from.test(file)).flatMap((file) => clocks(project, file)),
  ];
}

function sources(project: string): string[] {
  return readdirSync(join(project, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name))
    .map((name) => join('src', name).replaceAll('\\', '/'))
    .sort();
}

function arrowsOf(project: string, file: string, files: ReadonlySet<string>): Arrow[] {
  const text = readFileSync(join(project, file), 'utf8');
  const { module } = parseSync(file, text);
  const found: Omit<Arrow, 'from'>[] = [];
  for (const { moduleRequest, entries: names } of module.staticImports) {
    const type = names.length > 0 && names.every(({ isType }) => isType);
    found.push({ to: moduleRequest.value, kind: type ? 'type' : 'value' });
  }
  for (const { entries: names } of module.staticExports) {
    for (const { moduleRequest, isType } of names) {
      if (moduleRequest) found.push({ to: moduleRequest.value, kind: isType ? 'type' : 'value' });
    }
  }
  for (const [, to] of text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g)) found.push({ to, kind: 'lazy' });
  return found.flatMap(({ to, kind }) => {
    const target = targetOf(file, to, files);
    return target === null || target === file ? [] : [{ from: file, to: target, kind }];
  });
}

/** Null for what is no source: styles, JSON and the like. */
function targetOf(file: string, specifier: string, files: ReadonlySet<string>): string | null {
  if (specifier.startsWith('node:')) return specifier;
  if (!specifier.startsWith('.')) return `npm:${specifier}`;
  const path = normalize(join(dirname(file), specifier)).replaceAll('\\', '/');
  return files.has(path) ? path : null;
}

function brokenRules({ from, to, kind }: Arrow): string[] {
  return rules.flatMap(({ name, from: importers, forbidden, allowed, typesAllowed, reason }) => {
    const match = importers.exec(from);
    if (!match || (typesAllowed && kind === 'type')) return [];
    const fill = (pattern: string) => new RegExp(pattern.replaceAll('$1', match[1] ?? ''));
    if (!fill(forbidden).test(to) || (allowed !== undefined && fill(allowed).test(to))) return [];
    return [`${name}: ${from} imports ${to}: ${reason}`];
  });
}

/** The strongly connected components of more than one file (Tarjan 1972); lazy imports close no circle of loading. */
function cycles(arrows: readonly Arrow[]): string[][] {
  const next = Map.groupBy(
    arrows.filter(({ kind }) => kind !== 'lazy'),
    ({ from }) => from,
  );
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (file: string): number => {
    index.set(file, index.size);
    let least = index.get(file) as number;
    stack.push(file);
    for (const { to } of next.get(file) ?? []) {
      if (!index.has(to)) least = Math.min(least, visit(to));
      else if (stack.includes(to)) least = Math.min(least, index.get(to) as number);
    }
    low.set(file, least);
    if (least !== index.get(file)) return least;
    const component = stack.splice(stack.indexOf(file));
    if (component.length > 1) found.push(component);
    return least;
  };
  for (const file of next.keys()) if (!index.has(file)) visit(file);
  return found;
}

function orphans(files: readonly string[], arrows: readonly Arrow[]): string[] {
  const imported = new Set(arrows.map(({ to }) => to));
  return files.filter((file) => !imported.has(file) && !entries.some((entry) => entry.test(file)));
}

/** What a process would load that it cannot have, and by which way. */
function leaksOf(
  { process, roots, forbidden }: (typeof leaks)[number],
  files: readonly string[],
  arrows: readonly Arrow[],
): string[] {
  const next = Map.groupBy(
    arrows.filter(({ kind }) => kind !== 'type'),
    ({ from }) => from,
  );
  const via = new Map<string, string | null>(
    files.filter((file) => roots.test(file)).map((file) => [file, null]),
  );
  const found: string[] = [];
  for (const file of via.keys()) {
    for (const { to } of next.get(file) ?? []) {
      if (forbidden.test(to)) found.push(`${process} loads ${to}: ${way(file, via)} -> ${to}`);
      else if (!via.has(to)) via.set(to, file);
    }
  }
  return found;
}

/** What would hold up the hub's thread; a named exception that nobody uses any more is a finding too. */
function waits(project: string, file: string): string[] {
  const { waits, wholeLists, allowed, reason } = hubThread;
  const text = readFileSync(join(project, file), 'utf8');
  const imported = parseSync(file, text).module.staticImports.flatMap(({ entries: names }) =>
    names.map(({ importName }) => importName.name ?? ''),
  );
  const used = imported.filter((name) => waits.test(name));
  const methods = [...text.matchAll(/\.(\w+)\(/g)].map(([, name]) => name).filter((name) => waits.test(name));
  const exceptions = allowed[file] ?? [];
  const refused = [...used, ...methods].filter((name) => !exceptions.includes(name));
  return [
    ...refused.map((name) => `${file} uses ${name}: ${reason}`),
    ...(wholeLists.test(text) ? [`${file} lists all runs: ${reason}`] : []),
    ...exceptions
      .filter((name) => !used.includes(name))
      .map((name) => `${file} uses no ${name}: take it out of lint/rules.ts`),
  ];
}

/** Who asks the real clock where a test may be the clock. */
function clocks(project: string, file: string): string[] {
  const { clock, allowed, reason } = simulated;
  const used = clock.exec(readFileSync(join(project, file), 'utf8'))?.[0];
  if (allowed.includes(file)) return used ? [] : [`${file} asks no clock: take it out of lint/rules.ts`];
  return used ? [`${file} uses ${used}: ${reason}`] : [];
}

function way(file: string, via: ReadonlyMap<string, string | null>): string {
  const before = via.get(file);
  return before ? `${way(before, via)} -> ${file}` : file;
}

runCheck(import.meta.filename, (project) => {
  if (!existsSync(join(project, 'src'))) throw new Error(`no src under ${project}`);
  return checkArrows(project);
});
