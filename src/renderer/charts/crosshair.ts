/** One place on the x axis that all figures of a name read. */
import { useEffect } from 'react';
import { create } from 'zustand';
import { type DrawnFigure, hasPlace, positionOf } from '../../core/api/drawing.ts';
import type { FigurePoint, FigureSeries, FigureSpec } from '../../core/api/figures.ts';

interface Crosshair {
  name: string | null;
  x: number;
}

export const useCrosshair = create<Crosshair>(() => ({ name: null, x: 0 }));

/** Takes the crosshair away where it is the one of this name. */
export function leaveCrosshair(name: string | undefined): void {
  useCrosshair.setState((place) => (place.name === name ? { name: null } : place));
}

/** The place for the figures of this name; null while the pointer is not over one of them, and after one has gone. */
export function useCrosshairAt(name: string | undefined): number | null {
  useEffect(() => () => leaveCrosshair(name), [name]);
  return useCrosshair((place) => (name !== undefined && place.name === name ? place.x : null));
}

/** The lines that are read: not what a smoothed one is made of. */
export const readLines = ({ series }: FigureSpec): FigureSeries[] =>
  series.filter(({ line, faint, label }) => line !== undefined && !faint && label !== undefined);

/** The place of a point that is nearest to x, whole where the axis counts. */
export function snapped(spec: FigureSpec, { domain }: DrawnFigure, x: number): number {
  const near = readLines(spec).flatMap((line) => {
    const { points } = line;
    if (isLevel(line)) return [];
    const at = nearest(points, x);
    return at < 0 ? [] : [Number(points[at].x)];
  });
  const place = near.toSorted((a, b) => Math.abs(a - x) - Math.abs(b - x))[0] ?? x;
  return positionOf(spec.x, place, domain).x;
}

/** Where an arrow key leads from a place: to the next point of the first line, whole where the axis counts; null at the end. */
export function nextPlace(
  spec: FigureSpec,
  drawn: DrawnFigure,
  at: number | null,
  way: number,
): number | null {
  const [low, high] = drawn.domain;
  const places = (readLines(spec)[0]?.points ?? [])
    .map(({ x }) => positionOf(spec.x, Number(x), drawn.domain).x)
    .filter((x) => x >= low && x <= high);
  if (at === null) return places.at(way > 0 ? 0 : -1) ?? null;
  return (way > 0 ? places.find((x) => x > at) : places.findLast((x) => x < at)) ?? null;
}

/** Two points of one value, the same wherever between them it is read. */
const isLevel = ({ points }: FigureSeries) => points.length === 2 && points[0].y === points[1].y;

/** The point of a line that is read at x: the nearest one, but none beyond the ends of the line. */
export function pointAt(line: FigureSeries, x: number, { x: axis, y }: FigureSpec): FigurePoint | null {
  const { points } = line;
  const at = nearest(points, x);
  if (at < 0) return null;
  const [first, last, slack] = [
    Number(points[0].x),
    Number(points[points.length - 1].x),
    axis.whole ? 0.5 : 0,
  ];
  if (x < first - slack || x > last + slack) return null;
  if (!hasPlace(y, points[at].y)) return null;
  return isLevel(line) ? { ...points[at], x } : points[at];
}

export interface Reading {
  x: number;
  /** The place on the axis: "26". */
  text: string;
  /** In words: "Epoch 26". */
  place: string;
  /** The lines that have a point there, the largest first, with its deviation where it is a mean. */
  points: { line: FigureSeries; x: number; y: number; spread: number }[];
}

/** What stands at a place; null where that is none of what is shown. */
export function readingOf(spec: FigureSpec, { domain }: DrawnFigure, at: number | null): Reading | null {
  if (at === null || at < domain[0] || at > domain[1]) return null;
  const points = readLines(spec).flatMap((line) => {
    const point = pointAt(line, at, spec);
    if (!point) return [];
    const spread = (Number(point.high) - Number(point.low)) / 2;
    return [{ line, x: Number(point.x), y: Number(point.y), spread }];
  });
  points.sort((a, b) => b.y - a.y);
  const { text } = positionOf(spec.x, at, domain);
  return { x: at, text, place: `${spec.x.label ?? ''} ${text}`, points };
}

/** So many of the points that are read, in their order: those nearest to a height of the drawing. */
export function nearestTo(
  points: Reading['points'],
  { y }: Pick<DrawnFigure, 'y'>,
  height: number,
  most: number,
): Reading['points'] {
  const distance = (point: Reading['points'][number]) => Math.abs(y.place(point.y) - height);
  const near = new Set(points.toSorted((a, b) => distance(a) - distance(b)).slice(0, most));
  return points.filter((point) => near.has(point));
}

/** Of points whose x grows; −1 of none. */
function nearest(points: readonly FigurePoint[], x: number): number {
  if (points.length === 0) return -1;
  let [low, high] = [0, points.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (Number(points[middle].x) < x) low = middle + 1;
    else high = middle;
  }
  const before = Number(points[low - 1]?.x ?? Number.NEGATIVE_INFINITY);
  return x - before < Number(points[low]?.x) - x ? low - 1 : low;
}

/** Decimals in which all values of the curves have equally many, four digits of the largest among them. */
export function sharedDecimals(curves: readonly { y: readonly number[] }[]): number {
  const largest = curves.reduce(
    (most, { y }) => y.reduce((max, value) => Math.max(max, Math.abs(value) || 0), most),
    0,
  );
  return Number.isFinite(largest) && largest > 0
    ? Math.min(8, Math.max(0, 3 - Math.floor(Math.log10(largest))))
    : 0;
}
