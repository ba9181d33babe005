import { describe, expect, it } from 'vitest';
import { hostileNames } from '../../../../test/reports/runs.ts';
import { type StudyLaw, type StudyPoint, studyLaws } from '../../studies/analysis.ts';
import { depthWidth } from '../../studies/depth-width.ts';
import type { StudySpec } from '../../studies/study.ts';
import { FILE_FORMATS } from '../formats.ts';
import { drawOnPaper } from '../writers/draw.ts';
import { writeDocument } from '../writers/write.ts';
import { heldOutMarks } from './law-figure.ts';
import { lawSections, studyDocument } from './report.ts';

/** Cross-entropy 6 + (1000 / N)^0.5, a little scattered, and an NDCG that follows it, over three depths and widths. */
const sizes = [1, 2, 4].flatMap((depth) => [16, 32, 64].map((width) => ({ depth, width })));
const spec = (name = 'ml'): StudySpec => ({
  model: 'sasrec',
  overrides: { epochs: 4 },
  sizes: sizes.map(({ width, depth }) => ({
    label: `${width}x${depth}`,
    config: { dim: width, blocks: depth },
  })),
  shares: [1],
  seeds: [1],
  dataset: { id: 'd', name, fingerprint: 'f'.repeat(64) },
  device: 'cpu',
  threads: 1,
});

function points(label = (text: string) => text): StudyPoint[] {
  return sizes.map(({ width, depth }, size) => {
    const nonEmbedding = 12 * depth * width * width;
    const loss = 6 + (1000 / nonEmbedding) ** 0.5 + 0.004 * Math.sin(5 * size);
    return {
      size,
      label: label(`${width}x${depth}`),
      model: 'sasrec',
      share: 1,
      seed: 1,
      run: { id: `r${size}`, name: `run ${size}`, status: 'completed' },
      parameters: 2 * nonEmbedding,
      nonEmbedding,
      positions: 1000,
      flops: 6000 * nonEmbedding,
      stateBytes: 1,
      seconds: 1800,
      crossEntropy: loss,
      ndcg: (8 - loss) / 10,
    };
  });
}

const laws = studyLaws(points(), 1000);

function report(name: string, label = (text: string) => text) {
  const made = points(label);
  const named = laws.map((law) => ({
    ...law,
    fixed: label(law.fixed),
    problems: law.problems.map(label),
    points: law.points.map((point) => ({ ...point, label: label(point.label) })),
  }));
  return studyDocument({
    name,
    spec: spec(name),
    points: made,
    laws: named,
    baseLarge: null,
    depthWidth: depthWidth(spec(name), made),
    protocols: [name],
    devices: ['cpu'],
    commands: ['tessera study run --sizes 16x1'],
  });
}

describe('the report of a study', () => {
  const document = report('ladder');

  it('says in words whether the largest size was predicted, and carries the law and its band in every format', () => {
    const html = writeDocument(document, 'html', { draw: drawOnPaper });
    expect(html).toMatch(
      /Fitted without 64x4, the law predicts 6\.07\d+ there .* measured 6\.07\d+, inside\./,
    );
    expect(html).toMatch(/<path fill="#333f8a" fill-opacity="0.16"|fill-opacity="0.16"/);
    expect(writeDocument(document, 'md')).toContain('Depth against width');
    expect(writeDocument(document, 'table')).toMatch(/^Scaling study ladder\n\nWhat was done\n.*\n/);
    expect(writeDocument(document, 'latex', { standalone: true })).toContain('\\begin{document}');
    const grid = writeDocument(document, 'csv').split('\r\n\r\n').at(-1)?.trimEnd().split('\r\n') ?? [];
    const [head, first] = grid.map((line) => line.split(','));
    expect(grid).toHaveLength(1 + sizes.length);
    expect(first[head.indexOf('N')]).toBe('3072');
    // Half an hour of training: the quality of an hour is twice that of the run.
    expect(Number(first[head.indexOf('NDCG@10 a device-hour')])).toBeCloseTo(
      2 * Number(first[head.indexOf('NDCG@10')]),
      3,
    );
    expect(JSON.parse(writeDocument(document, 'json'))).toMatchObject({
      format: 'tessera-study',
      version: 1,
      name: 'ladder',
    });
  });

  it('explains the marks of the largest size only where they are drawn', () => {
    const [law] = laws;
    const marks = (changes: Partial<StudyLaw> = {}) => heldOutMarks([{ ...law, ...changes }]);
    const [diamond, bar] = [
      'diamond: the largest size, as measured',
      'bar: what the fit without the largest size predicts of it, 95 %',
    ];
    expect(marks()).toEqual([diamond, bar]);
    expect(marks({ heldOut: null })).toEqual([]);
    expect(marks({ fit: null })).toEqual([diamond]);
    const [{ caption, spec: drawn }] = document.sections.flatMap(({ figures = [] }) => figures);
    expect(caption).toBe(`Cross-entropy against non-embedding parameters; ${diamond}; ${bar}`);
    expect(drawn.description).toContain(`${diamond}; ${bar}`);
    const at = (id: string) => drawn.series.find((one) => one.id === id)?.points.at(-1);
    expect(at(law.fixed)).toMatchObject({ shape: 'diamond', y: law.heldOut?.measured });
    expect(at(`${law.fixed} predicted`)?.y).toBe(law.heldOut?.predicted);
  });

  it('lists no exponent where every size is worse than guessing', () => {
    const guessed = laws.map((law) => ({ ...law, guess: 5 }));
    const texts = (of: StudyLaw[]) => JSON.stringify(lawSections(of));
    expect(texts(laws)).toContain('α, 95 %');
    expect(texts(guessed.filter(({ metric }) => metric === 'cross-entropy'))).not.toContain('α, 95 %');
    expect(texts(guessed)).toContain('Worse than guessing; every size loses more than the 5.00 nats');
  });

  it('has an answer in one line for a page of several', () => {
    expect(document.answer).toMatch(/^Loss falls as N\^−\d\.\d\d towards \d\.\d{3} nats/);
  });

  it('lets nothing of a name become markup', () => {
    for (const name of hostileNames) {
      const texts = FILE_FORMATS.map((format) =>
        writeDocument(
          report(name, () => name),
          format,
        ),
      );
      expect(texts[0]).not.toMatch(/<(script|img|b)\b(?! )/i);
      expect(texts[0].match(/<h1>/g)).toHaveLength(1);
      expect(
        texts[FILE_FORMATS.indexOf('md')].split('\n').filter((line) => line.startsWith('|')).length,
      ).toBe(
        writeDocument(document, 'md')
          .split('\n')
          .filter((line) => line.startsWith('|')).length,
      );
    }
  });
});

it('sees depth and width only where a grid has several of both', () => {
  const found = depthWidth(spec(), points());
  expect(found?.cells.map(({ label }) => label).slice(0, 4)).toEqual(['16x1', '32x1', '64x1', '16x2']);
  const flat = { ...spec(), sizes: spec().sizes.filter(({ config }) => config.blocks === 1) };
  expect(depthWidth(flat, points().slice(0, 3))).toBeNull();
});
