/** What is saved of a figure is what is shown: as vectors and as pixels, with legend, band, zoom and marks. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectAccessible } from './fixtures/accessibility.ts';
import { type Filling, popular, sample } from './fixtures/homes.ts';
import { expect, test } from './fixtures/test.ts';
import type { App } from './pages/app.ts';
import { choose } from './pages/select.ts';

const clubs: Filling = {
  name: 'clubs',
  from: popular,
  make: async (tessera, home) => {
    await sample('other', { users: 200, items: 120, seed: 2 })(tessera, join(home, 'other'));
    const train = (dataset: string, model: string, seed: number, ...rest: string[]) =>
      tessera('train', '--dataset', dataset, '--model', model, '--seed', String(seed), ...rest);
    await train('club', 'ease', 1);
    // A name with a space that HTML writes in a way of its own.
    const settings = ['--set', 'epochs=6', '--set', 'dim=16'];
    for (const seed of [1, 2])
      await train('club', 'bprmf', seed, '--name', `bprmf-club\u00a0seed${seed}`, ...settings);
    await train('other', 'popularity', 1);
  },
};

/** A figure as both of its files; the pixels are those of the vectors. */
async function saved({ page, shell }: App, title: string): Promise<string> {
  const save = (kind: string) =>
    shell.saved(async () => {
      await page.getByRole('button', { name: `Save chart ${title}`, exact: true }).click();
      await page.getByRole('menuitem', { name: `Save as ${kind}` }).click();
    });
  const svg = readFileSync(await save('SVG'), 'utf8');
  const png = readFileSync(await save('PNG')).toString('base64');
  const differing = await page.evaluate(
    async ([vectors, pixels]) => {
      const drawn = async (source: string) => {
        const image = new Image();
        image.src = source;
        await image.decode();
        return image;
      };
      const images = await Promise.all([
        drawn(`data:image/svg+xml;charset=utf-8,${encodeURIComponent(vectors)}`),
        drawn(`data:image/png;base64,${pixels}`),
      ]);
      const [{ width, height }] = images.toReversed();
      const data = images.map((image) => {
        const canvas = new OffscreenCanvas(width, height);
        const context = canvas.getContext('2d');
        context?.drawImage(image, 0, 0, width, height);
        return context?.getImageData(0, 0, width, height).data ?? [];
      });
      let count = 0;
      for (let at = 0; at < data[0].length; at += 4) {
        if (Math.abs(data[0][at] - data[1][at]) > 24) count++;
      }
      return count / (width * height);
    },
    [svg, png],
  );
  expect(differing, `${title}: pixels and vectors`).toBeLessThan(0.002);
  expect(svg).toContain(`<title>${title}</title>`);
  expect(svg).toContain('@font-face');
  return svg;
}

const textsOf = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]+)<\/text>/g)].map(([, text]) => text);

async function drag({ page }: App, title: string, from: number, to: number): Promise<void> {
  const box = await page.getByRole('slider', { name: `Values of ${title}`, exact: true }).boundingBox();
  if (!box) throw new Error('the figure is not drawn');
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + from * box.width, y);
  await page.mouse.down();
  await page.mouse.move(box.x + to * box.width, y, { steps: 4 });
  await page.mouse.up();
}

test.use({ filled: clubs });
test.beforeEach(({ app }) => app.open());

test('curves are saved with their legend, band, best epoch and zoom', async ({ app }) => {
  const { compare, page } = app;
  await app.command('Go to Runs');
  await app.runs.row('bprmf-club').first().dblclick();
  await app.run.show('Curves');
  await choose(page.getByRole('combobox', { name: 'Horizontal axis' }), 'step');
  const run = await saved(app, 'NDCG');
  expect(textsOf(run)).toContainEqual(expect.stringMatching(/^best, epoch \d$/));
  expect(textsOf(run)).toEqual(expect.arrayContaining(['Step', expect.stringMatching(/^bprmf-club.seed/)]));

  // The part that is zoomed into is the same part of the training on another axis.
  await drag(app, 'NDCG', 0.6, 0.95);
  await page.getByRole('button', { name: 'Show all' }).waitFor();
  await choose(page.getByRole('combobox', { name: 'Horizontal axis' }), 'epoch');
  const zoomed = textsOf(await saved(app, 'NDCG'));
  const ticks = zoomed.slice(0, zoomed.indexOf('Epoch')).filter((text) => /^\d+$/.test(text));
  expect(ticks.length).toBeGreaterThan(1);
  expect(Number(ticks[0])).toBeGreaterThanOrEqual(3);
  await page.reload();
  await page.getByRole('button', { name: 'Show all' }).click();

  // Both figures read the same whole epoch, by the keyboard too.
  const reader = page.getByRole('slider', { name: 'Values of NDCG', exact: true });
  await reader.focus();
  for (let press = 0; press < 2; press++) await page.keyboard.press('ArrowRight');
  await expect(reader).toHaveAttribute('aria-valuetext', /^Epoch 2: bprmf-club.seed\d 0\.\d+$/);
  await expect(page.locator('.figure-values')).toContainText(/^Epoch 2/);
  const loss = page.getByRole('slider', { name: 'Values of Loss', exact: true });
  await expect(loss).toHaveAttribute('aria-valuetext', /^Epoch 2: bprmf-club.seed\d \d\.\d+$/);
  await expectAccessible(app);

  await app.command('Go to Compare');
  await compare.chooseRuns('popularity-club', 'bprmf-club');
  await compare.show('Curves');
  const mean = await saved(app, 'Validation NDCG@10');
  expect(mean).toMatch(/fill-opacity="0.16"/);
  expect(textsOf(mean)).toContainEqual(expect.stringMatching(/^bprmf-club, 2 seeds$/));
  await choose(page.getByRole('combobox', { name: 'Metric' }), 'Training loss');
  await page.reload();
  await expect(page.getByRole('combobox', { name: 'Metric' })).toHaveAttribute('data-choice', 'train/loss');
});

test('differences, slices, points and parallel axes are saved as they are', async ({ app }) => {
  const { compare, page } = app;
  await app.command('Go to Compare');
  await compare.chooseRuns('popularity-club', 'bprmf-club', 'ease-club', 'popularity-other');
  await compare.show('Differences');
  const heading = page.getByRole('heading', { name: /difference to .* 95 % interval/ }).first();
  const intervals = await saved(app, (await heading.textContent()) ?? '');
  expect(intervals.match(/<title>[^<]*95 % interval/g)?.length).toBeGreaterThan(0);

  await compare.show('Slices');
  const origins = await saved(app, 'Where each NDCG@10 comes from');
  expect(textsOf(origins)).toEqual(expect.arrayContaining(['transition seen', 'pair unseen', 'EASE']));

  await compare.show('Scatter');
  await choose(page.getByRole('combobox', { name: 'Vertical axis' }), 'HR@10');
  await page.reload();
  await expect(page.getByRole('heading', { name: 'HR@10 against Time (s)' })).toBeVisible();
  await choose(page.getByRole('combobox', { name: 'Vertical axis' }), 'NDCG@10');
  const scatter = await saved(app, 'NDCG@10 against Time (s)');
  // Shapes are protocols: the legend above the drawing has one entry each.
  const [head] = scatter.split('<g transform');
  expect(head.match(/<path /g)).toHaveLength(2);
  expect(textsOf(scatter)).toContainEqual(expect.stringMatching(/^bprmf-club/));

  await compare.show('Parallel coordinates');
  const axis = page.getByRole('slider', { name: 'Keep values of NDCG@10' });
  await axis.focus();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Shift+ArrowUp');
  const kept = await axis.getAttribute('aria-valuetext');
  expect(kept).toMatch(/^0\.\d+ to 0\.\d+$/);
  const parallel = await saved(app, 'Settings and metrics');
  expect(parallel).toMatch(/stroke-opacity="0.14"/);
  expect(textsOf(parallel)).toContainEqual(expect.stringMatching(/^BPRMF/));
  // What is kept are values, and not places: a higher figure keeps the same lines.
  const faint = () => page.locator('.scene path[stroke-opacity="0.14"]').count();
  const before = await faint();
  await page.getByRole('button', { name: 'Full screen of Settings and metrics' }).click();
  expect(await faint()).toBe(before);
  await expect(axis).toHaveAttribute('aria-valuetext', kept ?? '');
  await expectAccessible(app);
});
