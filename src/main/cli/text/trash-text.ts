import { TRASH_DAYS } from '../../../core/store/home/trash-types.ts';
import { program } from '../../data-folder/command-line.ts';

/** How to bring back what was just deleted. */
export function restoreText(id: string): string {
  return `Bring it back within ${TRASH_DAYS} days: ${program()} trash restore ${id}`;
}
