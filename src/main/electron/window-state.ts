import { readFileSync, writeFileSync } from 'node:fs';
import type { Rectangle } from 'electron';
import { z } from 'zod';

const stateSchema = z.object({
  width: z.int().min(720).max(20_000),
  height: z.int().min(480).max(20_000),
  x: z.int().optional(),
  y: z.int().optional(),
  maximised: z.boolean(),
});
export type WindowState = z.output<typeof stateSchema>;

const DEFAULT: WindowState = { width: 1280, height: 800, maximised: false };
/** Pixels of the title bar that must be visible, so that the window can be moved. */
const GRIP = 80;

/** The stored place of the window; the default if nothing usable is stored. A place off all screens is dropped. */
export function readWindowState(file: string, screens: readonly Rectangle[]): WindowState {
  let stored = DEFAULT;
  try {
    stored = stateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    // There is none, or none that can be used.
  }
  const { x, y, ...size } = stored;
  if (x === undefined || y === undefined) return size;
  const visible = screens.some(
    (area) =>
      x + size.width - GRIP > area.x &&
      x + GRIP < area.x + area.width &&
      y >= area.y &&
      y + GRIP < area.y + area.height,
  );
  return visible ? { ...size, x, y } : size;
}

/** A place that cannot be stored is no reason to fail. */
export function writeWindowState(file: string, state: WindowState): void {
  try {
    writeFileSync(file, JSON.stringify(state));
  } catch {
    // The next session opens in the default place.
  }
}
