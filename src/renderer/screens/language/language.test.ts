import { expect, test } from 'vitest';
import { wholeProblem } from '../../components/schema.ts';
import { shotsFigure } from './figures.ts';
import { readTemplate } from './TemplateForm.tsx';

const wording = ['Do they like it?'];
const template = {
  name: 'mine',
  instruction: 'Answer.',
  heading: 'Past',
  interaction: '{item.title}',
  choice: '{letter}',
  card: '{item.title}',
  questions: { like: wording, rating: wording, genre: wording, pick: wording },
  answers: { yes: 'yes', no: 'no' },
};

test('JSON that is no template is refused', () => {
  expect(readTemplate('{')).toEqual({ problem: 'Not valid JSON' });
  expect(readTemplate('{}')).toEqual({ problem: expect.stringMatching(/^name: /) });
  expect(readTemplate('1')).toHaveProperty('problem');
  const withoutLike = { ...template, questions: { ...template.questions, like: [] } };
  expect(readTemplate(JSON.stringify(withoutLike))).toEqual({
    problem: expect.stringMatching(/^questions\.like: /),
  });
});

test('JSON of a template is one, defaults included', () => {
  expect(readTemplate(JSON.stringify(template))).toMatchObject({
    template: { ...template, order: 'listed' },
  });
});

test('what is no number of users is not taken for all of them', () => {
  expect(wholeProblem('', 0, 1_000_000)).toBe('Enter a whole number from 0 to 1,000,000');
  expect(wholeProblem('abc', 0, 10)).not.toBeNull();
  expect(wholeProblem('1.5', 0, 10)).not.toBeNull();
  expect(wholeProblem('11', 0, 10)).not.toBeNull();
  expect(wholeProblem('0', 0, 10)).toBeNull();
});

test('the curve of shots stands at what prompts show, and ends where the context cuts them', () => {
  const figures = { questions: 60, auc: 0.7, interval: [0.6, 0.8] as [number, number], logloss: 1, ece: 0 };
  const shots = [
    [0, 0],
    [5, 5],
    [20, 9.6],
    [50, 9.62],
  ].map(([most, meanShown]) => ({ shots: most, meanShown, figures }));
  const { series, subtitle } = shotsFigure(shots, 'blue');
  expect(series[0].points.map(({ x }) => x)).toEqual([0, 5, 9.6]);
  expect(subtitle).toContain('1 longer prompt left out');
  expect(shotsFigure(shots.slice(0, 3), 'blue').subtitle).toBeUndefined();
});
