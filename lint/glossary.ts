/** Checks the texts that a user reads against docs/glossary.md: what it says is not said there (`npm run lint`). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCheck, sourcesIn } from './sources.ts';
import { userTexts } from './user-texts.ts';

interface Rule {
  say: string;
  not: string;
}

const HEADING = '## What users read';

/** The rows of the table below the heading: what to say, and what not, several separated by ";". Throws without any. */
export function rulesOf(glossary: string): Rule[] {
  const [, part = ''] = glossary.split(`${HEADING}\n`);
  const rows = [...part.split('\n## ')[0].matchAll(/^\| (.+?) \| (.+?) \|$/gm)].slice(1);
  const rules = rows.flatMap(([, say, not]) => not.split('; ').map((one) => ({ say, not: one })));
  if (rules.length === 0) throw new Error(`docs/glossary.md has no table below "${HEADING}"`);
  return rules;
}

/** A whole word or several; no part of a name such as "its dataset.json", and no name that has a value. */
const patternOf = (not: string) => `(?<![\\w-])${not.replaceAll(' ', '\\s+')}(?![\\w-]|\\.\\w| = )`;

/** Not said to a user: questions to a database, and lines of a script. */
const NO_PROSE = /\b(SELECT|UPDATE|DELETE FROM|INSERT INTO|VARCHAR)\b|\$\{?\w+"?; do\b/;

/** Every finding in one line: where, what, and what to say. */
export function checkGlossary(project: string, files: readonly string[]): string[] {
  const rules = rulesOf(readFileSync(join(project, 'docs/glossary.md'), 'utf8'));
  // Reading a file for its texts takes long, and few have any of these words.
  const any = new RegExp(rules.map(({ not }) => patternOf(not)).join('|'), 'i');
  return files.flatMap((file) => {
    const source = readFileSync(join(project, file), 'utf8');
    if (!any.test(source)) return [];
    return userTexts(file, source).flatMap(({ line, text }) =>
      NO_PROSE.test(text)
        ? []
        : rules
            .filter(({ not }) => new RegExp(patternOf(not), 'i').test(text))
            .map(({ say, not }) => `${file}:${line}: "${not}" in "${text}": say "${say}" (docs/glossary.md)`),
    );
  });
}

/** Where texts are written that a window, a command or a report shows. */
export const filesWithTexts = (project: string) => sourcesIn(project, 'src');

runCheck(import.meta.filename, (project) => checkGlossary(project, filesWithTexts(project)));
