/** What a table of a paper has or does without, by its author's choice. */
import type { PaperPart } from '../../plans/choices.ts';
import { type Cell, markedCell } from '../document.ts';

export type Without = readonly PaperPart[];

/** A cell without the marks that are not wanted. */
export function pared(cell: Cell, without: Without): Cell {
  if (without.length === 0 || typeof cell === 'string') return cell;
  const { text, mark, significant, spread, ...rest } = markedCell(cell);
  const short = (number: string) => (without.includes('zero') ? number.replace(/^(-?)0\./, '$1.') : number);
  return {
    ...rest,
    text: short(text),
    mark: mark === 'second' && without.includes('second') ? null : mark,
    significant: without.includes('significance') ? undefined : significant,
    spread: spread === undefined || without.includes('spread') ? undefined : short(spread),
  };
}
