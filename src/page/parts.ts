/** Where each mean comes from: what the slices of users add to it. */
import { fixed } from '../core/documents/format.ts';
import type { PageSlice } from '../core/documents/page/page-types.ts';
import { type OpenPage, partsOf } from '../core/documents/page/standing.ts';
import { colourVariable } from '../core/documents/run-colours.ts';
import { escapeHtml } from '../core/documents/writers/text.ts';
import type { Chosen } from './chosen.ts';

/** The kinds of slices that tell most, first. */
const KINDS = ['seen in training', 'item popularity', 'history length'] as const;
const KIND_WORDS: Partial<Record<PageSlice['by'], string>> = {
  'seen in training': 'whether training has shown the step',
  'item popularity': 'the popularity of the held-out item',
  'history length': 'the length of the history',
};
/** Strength of the first, the second and further slices, percent. */
const STRENGTHS = [100, 55, 30, 18, 10];
/** Percent of the figure's width that a part needs to hold its number. */
const ROOM = 9;

/** `order`: places of the rows, best first. */
export function partsHtml(page: OpenPage, { metric, slice }: Chosen, order: readonly number[]): string {
  const by =
    slice === null ? KINDS.find((kind) => page.slices.some((one) => one.by === kind)) : page.slices[slice].by;
  const names = page.slices.filter((one) => one.by === by).map((one) => one.slice);
  const { decimals, label } = page.metrics[metric];
  const parts = by === undefined ? [] : partsOf(page, metric, by);
  const known = order.flatMap((row) => {
    const own = parts[row];
    return own?.every(Number.isFinite) ? [{ row, parts: own }] : [];
  });
  const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
  const widest = Math.max(...known.map((one) => sum(one.parts)));
  if (by === undefined || known.length === 0 || !(widest > 0)) return '';
  const lines = known.map(({ row, parts: values }) => {
    const { name, colour } = page.rows[row];
    const bars = values.map((value, at) => {
      const width = (100 * value) / widest;
      const strength = STRENGTHS[Math.min(at, STRENGTHS.length - 1)];
      const tone = `color-mix(in srgb, ${colourVariable(colour)} ${strength}%, var(--page))`;
      const ink = strength > 50 ? 'var(--page)' : 'var(--ink)';
      return `<span class="bar" style="width: ${width.toFixed(2)}%; background: ${tone}; color: ${ink}">${width > ROOM ? fixed(value, decimals) : ''}</span>`;
    });
    const told = names.map((one, at) => `${one} ${fixed(values[at], decimals)}`).join(', ');
    return `<div class="bars" role="img" aria-label="${escapeHtml(`${name}: ${told}`)}"><bdi>${escapeHtml(name)}</bdi><span class="bar-room">${bars.join('')}<b>${fixed(sum(values), decimals)}</b></span></div>`;
  });
  return `<h2>Where each mean comes from <span class="soft">${escapeHtml(label)}, mean × share of users, by ${KIND_WORDS[by] ?? by}</span></h2>${lines.join('')}<p class="soft">From strong to pale: ${escapeHtml(names.join(', '))}.</p>`;
}
