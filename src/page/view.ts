/** What a reader has chosen on a page, and what the page shows of it. */
import {
  meansOf,
  type OpenPage,
  type Question,
  testsOf,
  usersIn,
  usersOf,
} from '../core/documents/page/standing.ts';
import type { Choose, Chosen, Shown } from './chosen.ts';
import { controlsHtml } from './controls.ts';
import { differencesHtml, inOrder, rowText, tipHtml } from './differences.ts';
import { listenToKeys } from './keys.ts';
import { partsHtml } from './parts.ts';
import { userHtml } from './user.ts';

const part = (name: string): HTMLElement => {
  const found = document.querySelector<HTMLElement>(`[data-part="${name}"]`);
  if (!found) throw new Error(`the page has no part ${name}`);
  return found;
};

/** What is written anew while the reader is in it: a part of the same kind, for the same thing, has the focus then. */
function placeOfFocus(): string | null {
  const { activeElement: focus } = document;
  if (!(focus instanceof HTMLElement)) return null;
  const { metric, row } = focus.dataset;
  if (metric !== undefined) return `[data-metric="${metric}"]`;
  if (row !== undefined) return `[data-row="${row}"]`;
  return focus instanceof HTMLSelectElement ? `select[name="${focus.name}"]` : null;
}

function fill(name: string, html: string): void {
  const [place, focus] = [part(name), placeOfFocus()];
  const isInside = place.contains(document.activeElement);
  place.innerHTML = html;
  if (isInside && focus !== null) place.querySelector<HTMLElement>(focus)?.focus();
}

/** The metric beside the main one: hits, or where these are the main one the first. */
function shownMetrics({ metrics }: OpenPage, main: number): number[] {
  const hits = metrics.findIndex(({ name }) => name.endsWith('/hr@10'));
  const second = [hits, 0, 1].find((at) => at >= 0 && at !== main && at < metrics.length);
  return second === undefined ? [main] : [main, second];
}

export function startPage(page: OpenPage): void {
  let chosen: Chosen = { metric: 0, slice: null, baseline: page.baseline, user: 0, row: null, isHeld: false };
  let shown = answer(page, chosen);
  let asked = 0;

  const drawDifferences = () => {
    fill('differences', differencesHtml(page, chosen, shown));
    drawTip();
  };
  const draw = () => {
    const order = inOrder(page, shown);
    fill('controls', controlsHtml(page, chosen));
    fill('parts', partsHtml(page, chosen, order));
    fill('user', userHtml(page, chosen, order));
    drawDifferences();
  };
  const drawTip = () => {
    const tip = part('tip');
    tip.innerHTML = chosen.row === null ? '' : tipHtml(page, chosen, shown);
    tip.hidden = tip.innerHTML === '';
    const row = document.querySelector(`[data-row="${chosen.row}"]`);
    if (tip.hidden || !row) return;
    const { left, bottom, width } = row.getBoundingClientRect();
    const under = bottom + tip.offsetHeight + 8 < innerHeight;
    tip.style.left = `${left + width * 0.42}px`;
    tip.style.top = `${under ? bottom + 4 : bottom - tip.offsetHeight - 48}px`;
  };
  /** Tests go on row by row, so that the page can be used meanwhile. */
  const test = () => {
    const own = ++asked;
    const question = { ...chosen, metrics: shown.metrics };
    const tests = testsOf(page, question);
    const step = () => {
      if (own !== asked) return;
      const { done, value } = tests.next();
      shown = done ? { ...shown, tests: value, tested: null } : { ...shown, tested: value };
      drawDifferences();
      if (!done) setTimeout(step);
    };
    step();
  };
  const choose: Choose = (changes) => {
    const before = chosen;
    chosen = { ...chosen, ...changes };
    if ('row' in changes || 'isHeld' in changes) return drawTip();
    const isAsked = (['metric', 'slice', 'baseline'] as const).some((key) => before[key] !== chosen[key]);
    if (before.slice !== chosen.slice) chosen.user = usersOf(page, chosen.slice)[0] ?? 0;
    if (!isAsked) return draw();
    shown = answer(page, chosen);
    draw();
    test();
  };

  document.documentElement.classList.add('live');
  draw();
  test();
  listen(page, () => chosen, choose);
  listenToKeys(
    page,
    () => chosen,
    choose,
    () => copy(rowText(page, chosen, shown)),
  );
}

function answer(page: OpenPage, chosen: Chosen): Shown {
  const metrics = shownMetrics(page, chosen.metric);
  const question: Question = { ...chosen, metrics };
  return {
    metrics,
    users: usersIn(page, chosen.slice),
    means: meansOf(page, question),
    tests: page.rows.map(() => metrics.map(() => null)),
    tested: 0,
  };
}

function copy(text: string): void {
  void navigator.clipboard?.writeText(text).then(
    () => say('Row copied'),
    () => say('The browser did not allow copying'),
  );
}

/** In a line at the foot that screen readers announce. */
function say(text: string): void {
  const said = part('said');
  said.textContent = text;
  setTimeout(() => {
    if (said.textContent === text) said.textContent = '';
  }, 3000);
}

function listen(page: OpenPage, chosen: () => Chosen, choose: Choose): void {
  document.addEventListener('click', (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const metric = target?.closest<HTMLElement>('[data-metric]')?.dataset.metric;
    const file = target?.closest<HTMLElement>('[data-file]')?.dataset.file;
    const row = target?.closest<HTMLElement>('[data-row]')?.dataset.row;
    if (metric !== undefined) choose({ metric: Number(metric) });
    else if (file === 'pdf') print();
    else if (file === 'tex' || file === 'csv') download(`comparison.${file}`, page.files[file]);
    else if (row === undefined) choose({ row: null, isHeld: false });
    else choose({ row: Number(row), isHeld: !(chosen().isHeld && chosen().row === Number(row)) });
  });
  document.addEventListener('change', ({ target }) => {
    if (!(target instanceof HTMLSelectElement)) return;
    const value = target.value === '' ? null : Number(target.value);
    if (target.name === 'slice' || target.name === 'baseline') choose({ [target.name]: value });
  });
  const point = ({ target }: Event) => {
    if (chosen().isHeld || !(target instanceof Element)) return;
    const row = target.closest<HTMLElement>('[data-row]')?.dataset.row;
    const next = row === undefined ? null : Number(row);
    if (next !== chosen().row) choose({ row: next });
  };
  document.addEventListener('pointerover', point);
  document.addEventListener('focusin', point);
}

function download(name: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
