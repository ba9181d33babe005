import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (pattern: string) => globSync(pattern).map((file) => readFileSync(file, 'utf8'));
const styles = read('src/renderer/**/*.css').map((text) => text.replaceAll(/\/\*.*?\*\/|"[^"]*"/gs, ''));
const markup = read('src/renderer/**/*.tsx').join('\n');

/** Classes that the selectors of the style sheets name. */
const styled = new Set(
  styles.flatMap((text) =>
    [...text.matchAll(/([^{};]+)\{/g)].flatMap(([, selector]) =>
      [...selector.matchAll(/\.([a-z][\w-]*)/g)].map(([, name]) => name),
    ),
  ),
);
/** Classes that the markup names; "log-" of `log-${level}` begins several. */
const given = new Set(
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
