import {
  COLOURS,
  type Coloured,
  colourIndex,
  colourIndexes,
  DARK_COLOURS,
  LIGHT_COLOURS,
} from '../../core/api/colours.ts';
import type { ChartColours } from '../../core/api/figures.ts';
import { modelTask } from '../../core/api/models.ts';

export type { ChartColours } from '../../core/api/figures.ts';

function colourAt(index: number, theme: 'light' | 'dark'): string {
  const colours = theme === 'dark' ? DARK_COLOURS : LIGHT_COLOURS;
  return colours[index % colours.length];
}

/** What the tile of such a colour is filled with: half-cut where another model has it whole. */
function tileAt(index: number, theme: 'light' | 'dark'): string {
  const colour = colourAt(index, theme);
  const pale = `color-mix(in srgb, ${colour} 35%, var(--background))`;
  return index < COLOURS ? colour : `linear-gradient(135deg, ${colour} 50%, ${pale} 50%)`;
}

/** The colour of a model, which its runs keep everywhere. */
export function modelColour(model: string | null, theme: 'light' | 'dark'): string {
  return colourAt(colourIndex(model), theme);
}

const accent = (share: number) => `color-mix(in srgb, var(--accent) ${share}%, var(--background))`;
/** A tokeniser is ranked among no models and has no colour of theirs: its codes, from coarse to fine. */
const CODES = `linear-gradient(90deg, ${accent(100)} 34%, ${accent(60)} 34% 67%, ${accent(30)} 67%)`;

export function modelTile(model: string | null, theme: 'light' | 'dark'): string {
  return modelTask(model) === 'tokeniser' ? CODES : tileAt(colourIndex(model), theme);
}

/** One colour for each of several runs shown together: its model's, or the next free one where two would share it. */
export function runColours(runs: readonly Coloured[], theme: 'light' | 'dark'): Map<string, string> {
  return new Map([...colourIndexes(runs)].map(([run, index]) => [run, colourAt(index, theme)]));
}

/** What their tiles are filled with. */
export function runTiles(runs: readonly Coloured[], theme: 'light' | 'dark'): Map<string, string> {
  return new Map([...colourIndexes(runs)].map(([run, index]) => [run, tileAt(index, theme)]));
}

/** A colour of the theme in force, such as "--text-muted", as "#rrggbb". */
export function themeColour(name: string): string {
  const probe = document.body.appendChild(document.createElement('i'));
  // What is drawn keeps its colours where the system has its own.
  probe.style.forcedColorAdjust = 'none';
  probe.style.color = `var(${name})`;
  const parts = getComputedStyle(probe).color.match(/\d+/g) ?? [];
  probe.remove();
  return `#${parts.map((part) => Number(part).toString(16).padStart(2, '0')).join('')}`;
}

export function chartColours(): ChartColours {
  const colours = document.documentElement.dataset.theme === 'dark' ? DARK_COLOURS : LIGHT_COLOURS;
  return {
    background: themeColour('--background'),
    surface: themeColour('--surface'),
    line: themeColour('--line'),
    lineStrong: themeColour('--line-strong'),
    text: themeColour('--text'),
    muted: themeColour('--text-muted'),
    accent: themeColour('--accent'),
    bad: themeColour('--bad'),
    good: themeColour('--good'),
    palette: colours.slice(0, -1),
    trivial: colours[COLOURS - 1],
  };
}

/** `share` of one colour in another, both as "#rrggbb". */
export function mixed(colour: string, into: string, share: number): string {
  const part = (hex: string, at: number) => Number.parseInt(hex.slice(1 + 2 * at, 3 + 2 * at), 16);
  const parts = [0, 1, 2].map((at) => Math.round(share * part(colour, at) + (1 - share) * part(into, at)));
  return `#${parts.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}
