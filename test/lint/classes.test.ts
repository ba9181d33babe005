import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (pattern: string) => globSync(pattern).map((file) => readFileSync(file, 'utf8'));
const bare = (text: string) => text.replaceAll(/\/\*.*?\*\/|"[^"]*"/gs, '');

/** The selectors of a style sheet, those within its queries too. */
const selectorsOf = (text: string) =>
  [...bare(text).matchAll(/([^{};]+)\{/g)]
    .map(([, selector]) => selector.trim())
    .filter((selector) => !selector.startsWith('@'));
const classesOf = (selector: string) => [...selector.matchAll(/\.([a-z][\w-]*)/g)].map(([, name]) => name);

/** Classes that markup names; "log-" of `log-${level}` begins several. */
const givenBy = (markup: string) =>
  new Set(
    [...markup.matchAll(/className ?[=:] ?(?:"([^"]*)"|\{(.*?)\}[\s>]|'([^']*)')/gs)].flatMap(
      ([, text, expression = '', word = '']) =>
        [
          text ?? '',
          word,
          ...[...expression.replaceAll(/=== '.*?'/g, '').matchAll(/'([^']*)'|`([^`]*)`/g)].map(
            ([, a, b]) => a ?? b,
          ),
        ]
          .flatMap((part) => part.replaceAll(/\$\{.*?\}/g, '').split(/\s+/))
          .filter((name) => /^[a-z]/.test(name)),
    ),
  );

/** Classes that the selectors of the style sheets name. */
const styled = new Set(read('src/renderer/**/*.css').flatMap(selectorsOf).flatMap(classesOf));
const given = givenBy(read('src/renderer/**/*.tsx').join('\n'));

it('has no style that no markup uses', () => {
  const begun = [...given].filter((name) => name.endsWith('-'));
  const unused = [...styled].filter(
    (name) => !given.has(name) && !begun.some((part) => name.startsWith(part)),
  );
  expect(unused).toEqual([]);
});

it('has a style for every class of the markup', () => {
  const unknown = [...given].filter((name) => !name.endsWith('-') && !styled.has(name));
  expect(unknown).toEqual([]);
});

/** What every screen is built of: the classes of layout, and those that components and charts give. */
const kit = new Set([
  ...read('src/renderer/styles/layout.css').flatMap(selectorsOf).flatMap(classesOf),
  ...givenBy(read('src/renderer/{components,charts}/*.tsx').join('\n')),
]);
const restyled = (sheet: string) =>
  selectorsOf(sheet).filter((selector) => classesOf(selector).some((name) => kit.has(name)));

/** These style it still: a screen that needs another look of it gives it a variant there. */
const STILL = new Set(['src/renderer/new-run/new-run.css']);

it('styles the kit in styles and components alone', () => {
  const rooms = globSync('src/renderer/**/*.css').filter(
    (file) => !/renderer.(?:styles|components)\b/.test(file) && !STILL.has(file.replaceAll('\\', '/')),
  );
  expect(rooms.flatMap((file) => restyled(readFileSync(file, 'utf8')))).toEqual([]);
  expect(restyled('.room > .button,\n.room .muted {\n  color: red;\n}\n\n.room h2 {\n}')).toEqual([
    '.room > .button,\n.room .muted',
  ]);
});
