import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Random } from '../math/random.ts';
import { changeText, linesOfModel } from './edit-plan.ts';

const TEXT = `# Films, twice
plan: Who remembers   # a question
tables:
  - data: beauty   # eced645b27d9
    split: leave-last-out
    slices: [seen, popularity]
  - data: ml-1m
    split: [leave-last-out, time]
models:
  # simple ones
  - popularity
  - itemknn: { trials: 12 }   # enough
  - ease:
  - sasrec:
      preset: beauty
      # found by hand
      space: &sequential
        learningRate: { log: [0.0003, 0.01] }
        dropout: [0.2, 0.3]   # no more

      trials: 40
  - esasrec: { preset: strong, trials: 40,
      space: *sequential }
  # the last
  - { model: tiger, name: "TIGER, large" }
seeds: 1-3   # three
`;
const SETTINGS = ['trials', 'preset', 'name'] as const;
const VALUES = { trials: 7, preset: 'a, b: c', name: 'x' };

/** What a model has, however it is written. */
function settingsOf(model: unknown): Record<string, unknown> {
  if (typeof model === 'string') return {};
  const { model: id, ...flat } = model as Record<string, unknown>;
  if (id !== undefined) return flat;
  return (Object.values(model as object)[0] ?? {}) as Record<string, unknown>;
}

const modelsOf = (text: string) => parse(text).models as unknown[];
const comments = (text: string) => text.match(/#.*/g);
const elsewhere = (text: string, model: number) => {
  const [first, last] = linesOfModel(text)[model];
  return text.split('\n').filter((line, at) => line !== '' && (at + 1 < first || at + 1 > last));
};

describe('a change by a form', () => {
  it('writes only the lines of its model anew, and keeps every comment', () => {
    for (const model of modelsOf(TEXT).keys())
      for (const key of SETTINGS)
        for (const value of [VALUES[key], undefined]) {
          const changed = changeText(TEXT, ['models', model, key], value);
          const what = `${model} ${key} ${value}`;
          expect(elsewhere(changed, model), what).toEqual(elsewhere(TEXT, model));
          expect(comments(changed), what).toEqual(comments(TEXT));
          const { [key]: _, ...others } = settingsOf(modelsOf(TEXT)[model]);
          expect(settingsOf(modelsOf(changed)[model]), what).toEqual(
            value === undefined ? others : { ...others, [key]: value },
          );
        }
  });

  it('may be followed by others, in any order', () => {
    const random = new Random(3);
    const pick = <T>(all: readonly T[]): T => all[Math.floor(random.uniform() * all.length)];
    let text = TEXT;
    const expected = modelsOf(TEXT).map(settingsOf);
    for (let step = 0; step < 60; step++) {
      const model = pick([...expected.keys()]);
      const key = pick(SETTINGS);
      const value = pick([VALUES[key], undefined]);
      text = changeText(text, ['models', model, key], value);
      const { [key]: _, ...others } = expected[model];
      expected[model] = value === undefined ? others : { ...others, [key]: value };
    }
    expect(modelsOf(text).map(settingsOf)).toEqual(expected);
    expect(comments(text)).toEqual(comments(TEXT));
  });

  it('writes what stands elsewhere, too, out where it is changed', () => {
    const changed = changeText(TEXT, ['models', 4, 'space', 'dropout'], [0.5]);
    expect(settingsOf(modelsOf(changed)[4]).space).toEqual({
      ...{ learningRate: { log: [0.0003, 0.01] }, dropout: [0.5] },
    });
    expect(settingsOf(modelsOf(changed)[3]).space).toMatchObject({ dropout: [0.2, 0.3] });
  });

  it('adds and removes models, tables and keys', () => {
    const added = changeText(TEXT, ['models', 6], { hstu: { trials: 3 } });
    expect(modelsOf(added).at(-1)).toEqual({ hstu: { trials: 3 } });
    expect(
      modelsOf(changeText(added, ['models', 3], undefined)).map((model) => Object.keys(Object(model))[0]),
    ).toEqual(['0', 'itemknn', 'ease', 'esasrec', 'model', 'hstu']);
    expect(parse(changeText(TEXT, ['tables', 1, 'slices'], ['seen'])).tables[1].slices).toEqual(['seen']);
    expect(parse(changeText(TEXT, ['tables', 0, 'slices'], undefined)).tables[0].slices).toBeUndefined();
    expect(parse(changeText(TEXT, ['baseline'], 'sasrec')).baseline).toBe('sasrec');
    expect(parse(changeText(TEXT, ['seeds'], [4])).seeds).toEqual([4]);
    expect(parse(changeText(TEXT, ['paper', 'style'], 'ieee')).paper).toEqual({ style: 'ieee' });
    expect(parse(changeText('plan: a\nmodels: [ease]\n', ['models', 0, 'trials'], 3)).models).toEqual([
      { ease: { trials: 3 } },
    ]);
  });

  it('writes before a comment what had no value, and new lines as those around them', () => {
    const text = 'plan: a\nmodels:\n  - ease:   # later\n  - sasrec\npaper:   # later\n';
    const changed = changeText(changeText(text, ['models', 0, 'trials'], 3), ['paper', 'style'], 'ieee');
    expect(changed).toBe(
      'plan: a\nmodels:\n  - ease: { trials: 3 }   # later\n  - sasrec\npaper: { style: ieee }   # later\n',
    );
    const [windows, marked] = [text.replaceAll('\n', '\r\n'), `\uFEFF${text}`];
    expect(changeText(windows, ['seeds'], [4])).toBe(`${windows}seeds: [ 4 ]\r\n`);
    expect(changeText(marked, ['seeds'], [4])).toBe(`${marked}seeds: [ 4 ]\n`);
  });

  it('leaves a text alone that is no YAML', () => {
    expect(changeText('models: [', ['models', 0, 'trials'], 3)).toBe('models: [');
    expect(changeText('', ['plan'], 'x')).toBe('');
  });
});
