/** Table and forest of a page in one: means, differences to the baseline with their intervals, and p. */
import { differenceOf, differenceScale } from '../core/documents/difference-scale.ts';
import type { Forest, ForestMark } from '../core/documents/document.ts';
import { fixed, grouped, pValue, signed } from '../core/documents/format.ts';
import type { OpenPage } from '../core/documents/page/standing.ts';
import { COLOURS, colourVariable } from '../core/documents/run-colours.ts';
import { forestCell, forestHead } from '../core/documents/writers/forest-svg.ts';
import { escapeHtml } from '../core/documents/writers/text.ts';
import { FEWEST_USERS } from '../core/evaluation/significance.ts';
import type { Chosen, Shown } from './chosen.ts';

const FOREST = { width: 300, height: 38 };
const TICKS = 6;

export function swatch(colour: number): string {
  return `<span class="swatch${colour >= COLOURS ? ' half' : ''} back${colour % COLOURS}"></span>`;
}

/** Places of the rows, best first; those without a value last. */
export function inOrder(page: OpenPage, { means, metrics }: Shown): number[] {
  const { sign } = page.metrics[metrics[0]];
  const worth = (row: number) => {
    const { mean } = means[row][0];
    return mean === null ? Number.NEGATIVE_INFINITY : sign * mean;
  };
  return [...page.rows.keys()].sort((a, b) => worth(b) - worth(a));
}

/** Of rows that can be ranked, the text of the best and of the second, as printed. */
function marked(page: OpenPage, { means, metrics }: Shown, at: number): (text: string) => string {
  const { sign, decimals } = page.metrics[metrics[at]];
  const known = page.rows.flatMap(({ isUnknown }, row) => (isUnknown ? [] : (means[row][at].mean ?? [])));
  const texts = [...new Set(known.toSorted((a, b) => sign * (b - a)).map((mean) => fixed(mean, decimals)))];
  return (text) =>
    known.length < 2
      ? text
      : text === texts[0]
        ? `<b>${text}</b>`
        : text === texts[1] && known.length > 2
          ? `<u>${text}</u>`
          : text;
}

function forestOf(page: OpenPage, { baseline }: Chosen, { tests, metrics }: Shown): Forest {
  const { sign, decimals } = page.metrics[metrics[0]];
  const drawn = page.rows.map((_, row) =>
    row === baseline ? [] : differenceOf(String(row), tests[row][0] ?? undefined),
  );
  const marks = page.rows.map(({ colour }, row): ForestMark | null => {
    const [difference] = drawn[row];
    if (row === baseline) return 'baseline';
    return difference ? { ...difference, colour: colourVariable(colour) } : null;
  });
  return { at: 0, decimals, marks, ...FOREST, scale: differenceScale(drawn.flat(), sign, TICKS) };
}

export function differencesHtml(page: OpenPage, chosen: Chosen, shown: Shown): string {
  const { metrics, means, tests } = shown;
  const forest = forestOf(page, chosen, shown);
  const isTested = tests.some(([test]) => test !== null);
  const marks = metrics.map((_, at) => marked(page, shown, at));
  const heads = metrics.map(
    (metric, at) =>
      `<th class="n">${escapeHtml(page.metrics[metric].label)}</th>${isTested ? (at === 0 ? `<th class="forest" aria-label="Difference, 95 % interval">${forestHead(forest)}</th><th class="n">p, Holm</th>` : '<th class="n">p</th>') : ''}`,
  );
  const lines = inOrder(page, shown).map((row) => {
    const { name, colour, seeds, ranks, isUnknown } = page.rows[row];
    const cells = metrics.map((metric, at) => {
      const { mean, std } = means[row][at];
      const { decimals } = page.metrics[metric];
      const text = fixed(mean, decimals);
      const spread = at === 0 && std !== null ? ` <span class="soft">± ${fixed(std, decimals)}</span>` : '';
      const value = `<td class="n${isUnknown ? ' soft' : ''}">${isUnknown ? text : marks[at](text)}${spread}</td>`;
      if (!isTested) return value;
      const p = row === chosen.baseline ? '' : pValue(tests[row][at]?.holm);
      const drawn = at === 0 ? `<td class="forest">${forestCell(forest, forest.marks[row])}</td>` : '';
      return `${value}${drawn}<td class="n soft">${p}</td>`;
    });
    const tag = row === chosen.baseline ? 'baseline' : ranks === null ? 'other users' : '';
    const isBase = row === chosen.baseline ? ' class="base"' : '';
    return `<tr data-row="${row}" tabindex="0"${isBase}><td>${swatch(colour)}<bdi>${escapeHtml(name)}</bdi>${tag ? `<span class="tag">${tag}</span>` : ''}</td><td class="n soft">${seeds}</td>${cells.join('')}</tr>`;
  });
  const head = `<tr><th>Model</th><th class="n">Seeds</th>${heads.join('')}</tr>`;
  return `<div class="scroll"><table><thead>${head}</thead><tbody>${lines.join('')}</tbody></table></div>${noteHtml(page, chosen, shown)}`;
}

function noteHtml(page: OpenPage, { baseline, slice }: Chosen, { users, tested, tests }: Shown): string {
  if (tested !== null && baseline !== null)
    return `<p class="soft" role="status">Testing against ${escapeHtml(page.rows[baseline].name)}, row ${tested + 1} of ${page.rows.length}</p>`;
  const said = slice === null ? [] : [`${page.slices[slice].description}: ${grouped(users)} users.`];
  const count = tests.filter(([test]) => test !== null).length;
  if (baseline !== null)
    said.push(
      users < FEWEST_USERS
        ? `Under ${FEWEST_USERS} users nothing is tested.`
        : `Intervals: 95 %, BCa bootstrap of ${grouped(page.resamples)} resamples; hollow where they cross 0. p: paired t, user by user, Holm over ${count} rows.`,
    );
  return `<p class="soft">${escapeHtml(said.join(' '))}</p>`;
}

/** What is known of a row against the baseline. */
export function tipHtml(
  page: OpenPage,
  { row, baseline, isHeld }: Chosen,
  { metrics, means, tests }: Shown,
): string {
  if (row === null) return '';
  const { name, colour } = page.rows[row];
  const { decimals, label } = page.metrics[metrics[0]];
  const [test] = tests[row];
  const base = baseline === null ? null : means[baseline][0].mean;
  const facts: [string, string][] = [[label, `<b>${fixed(means[row][0].mean, decimals)}</b>`]];
  if (test) {
    const percent = base
      ? ` <span class="soft">${signed((100 * test.difference) / Math.abs(base), 1)} %</span>`
      : '';
    facts.unshift(['Difference', `<b>${signed(test.difference, decimals)}</b>${percent}`]);
    facts.push(
      ['95 %', `[${test.interval.map((end) => signed(end, decimals)).join(', ')}]`],
      ['p, Holm', pValue(test.holm)],
      ['Users better, worse', `${grouped(test.wins)}, ${grouped(test.losses)}`],
    );
  }
  const list = facts.map(([term, value]) => `<dt>${escapeHtml(term)}</dt><dd>${value}</dd>`).join('');
  const against =
    test && baseline !== null
      ? `<span class="soft">against ${escapeHtml(page.rows[baseline].name)}</span>`
      : '';
  const keys = isHeld ? 'C copies the row; Esc closes.' : 'A click keeps this open; C copies the row.';
  return `<p class="tip-head"><b>${swatch(colour)}${escapeHtml(name)}</b>${against}</p><dl>${list}</dl><p class="soft">${keys}</p>`;
}

/** A row as text with tabs, its head above it. */
export function rowText(
  page: OpenPage,
  { row, slice, baseline }: Chosen,
  { metrics, means, tests, users }: Shown,
): string {
  if (row === null) return '';
  const heads = ['Model', 'Users', 'Baseline'];
  const values = [
    page.rows[row].name,
    slice === null ? `all ${users}` : `${page.slices[slice].slice} ${users}`,
    baseline === null ? '' : page.rows[baseline].name,
  ];
  for (const [at, metric] of metrics.entries()) {
    const { label } = page.metrics[metric];
    const test = tests[row][at];
    heads.push(label, `${label} difference`, 'low', 'high', 'p, Holm');
    values.push(
      ...[means[row][at].mean, test?.difference, ...(test?.interval ?? ['', '']), test?.holm].map((one) =>
        String(one ?? ''),
      ),
    );
  }
  return `${heads.join('\t')}\n${values.join('\t')}\n`;
}
