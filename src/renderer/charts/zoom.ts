/** The stretch of a training that is zoomed into. */
import {
  type Axis,
  growing,
  interpolated,
  positions,
  type Range,
  type Series,
} from '../../core/api/figures.ts';

/** A stretch of one axis: steps, epochs, or milliseconds since the run began. */
export interface Zoom extends Range {
  axis: Axis;
}

/** "step 100 to 240.5", as it stands in the address. */
export const zoomText = (zoom: Zoom | null) => zoom && `${zoom.axis} ${zoom.from} to ${zoom.to}`;

/** An address may be typed or cut short: what is no stretch is none. */
export function readZoom(text: string | null): Zoom | null {
  const [name, from, , to] = (text ?? '').split(' ');
  const axis = (['step', 'epoch', 'time'] as const).find((one) => one === name);
  return axis && Number(from) < Number(to) ? { axis, from: Number(from), to: Number(to) } : null;
}

/** Where a stretch lies on an axis, by the first series that has several points; null where none has, or no stretch is left. */
export function rangeOn(all: readonly Series[], zoom: Zoom, axis: Axis): Range | null {
  if (axis === zoom.axis) return { from: zoom.from, to: zoom.to };
  for (const series of all) {
    const line = growing(positions(series, zoom.axis), positions(series, axis));
    if (line.x.length < 2) continue;
    const [from, to] = interpolated(line, [zoom.from, zoom.to]);
    return to > from ? { from, to } : null;
  }
  return null;
}

/** First and last step of a run within a stretch. */
export function stepsOf(run: readonly Series[], zoom: Zoom): Range | null {
  const range = rangeOn(run, zoom, 'step');
  return range && { from: Math.max(0, Math.floor(range.from)), to: Math.max(0, Math.ceil(range.to)) };
}

/** Points of a stretch in detail between those of the whole curve, so that lines go on beyond the window. */
export function withDetail<S extends Series>(whole: S, detail: Series | undefined, { from, to }: Range): S {
  if (!detail) return whole;
  const sides = [
    (step: number) => step < Math.min(from, detail.steps[0] ?? to),
    (step: number) => step > Math.max(to, detail.steps.at(-1) ?? from),
  ];
  const joined = <K extends keyof Series>(key: K): number[] => [
    ...whole[key].filter((_, at) => sides[0](whole.steps[at])),
    ...detail[key],
    ...whole[key].filter((_, at) => sides[1](whole.steps[at])),
  ];
  return {
    ...whole,
    steps: joined('steps'),
    epochs: joined('epochs'),
    times: joined('times'),
    values: joined('values'),
  };
}
