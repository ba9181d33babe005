import type { Painter } from './painter.ts';

export type ArrowKey = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown';

/** A drawing made of marks that can be pointed at and chosen. Marks are counted from 0. */
export interface Scene {
  paint(painter: Painter): void;
  marks: number;
  /** The mark at a place, or null. */
  at(x: number, y: number): number | null;
  /** An SVG path around a mark. */
  outline(mark: number): string;
  /** What a mark stands for, in words. */
  label(mark: number): string;
  isChosen?(mark: number): boolean;
  /** Where an arrow key leads. Default: to the next mark or the one before. */
  move?(mark: number, key: ArrowKey): number;
}
