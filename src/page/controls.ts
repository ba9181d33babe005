/** Metric, users and baseline of a page. */
import { grouped } from '../core/documents/format.ts';
import { type OpenPage, usersIn } from '../core/documents/page/standing.ts';
import { escapeHtml } from '../core/documents/writers/text.ts';
import type { Chosen } from './chosen.ts';

export function controlsHtml(page: OpenPage, { metric, slice, baseline }: Chosen): string {
  const metrics = page.metrics.map(
    ({ label }, at) =>
      `<button type="button" data-metric="${at}" aria-pressed="${at === metric}">${escapeHtml(label)}</button>`,
  );
  const kinds = [...Map.groupBy(page.slices.keys(), (at) => page.slices[at].by)];
  const slices = kinds.map(([by, places]) => {
    const options = places.map((at) => {
      const { slice: name, description } = page.slices[at];
      return option(at, `${name}: ${grouped(usersIn(page, at))}`, at === slice, description);
    });
    return `<optgroup label="By ${by}">${options.join('')}</optgroup>`;
  });
  const all = option('', `All ${grouped(usersIn(page, null))}`, slice === null);
  const rows = page.rows.flatMap(({ name, ranks }, at) =>
    ranks === null ? [] : [option(at, name, at === baseline)],
  );
  const none = baseline === null ? option('', 'None', true) : '';
  return [
    `<div class="segments" role="group" aria-label="Metric">${metrics.join('')}</div>`,
    `<label class="choice">Users <select name="slice">${all}${slices.join('')}</select></label>`,
    `<label class="choice">Baseline <select name="baseline">${none}${rows.join('')}</select></label>`,
    '<span class="soft">Computed in this page from the ranks of every user</span>',
  ].join('');
}

function option(value: number | '', text: string, isChosen: boolean, title = ''): string {
  return `<option value="${value}" title="${escapeHtml(title)}"${isChosen ? ' selected' : ''}>${escapeHtml(text)}</option>`;
}
