/** What every check of the sources does around its own: which files it reads, and how it tells what it found. */
import { globSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

/** Sources below a folder of the project, tests and declarations left out. */
export function sourcesIn(project: string, folder: string): string[] {
  return globSync(`${folder}/**/*.{ts,tsx}`, { cwd: project })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => !/\.test\.tsx?$|\.d\.ts$/.test(file))
    .sort();
}

/** Where `file` is what was started: tells the findings about its project, a line each, and fails where there are any. */
export function runCheck(file: string, check: (project: string) => readonly string[]): void {
  if (file !== resolve(process.argv[1] ?? '')) return;
  const findings = check(relative(process.cwd(), join(import.meta.dirname, '..')) || '.');
  for (const finding of findings) console.error(finding);
  process.exitCode = findings.length > 0 ? 1 : 0;
}
