import type { RowKind } from '../../core/store/home/trash-types.ts';
import { TRASH_DAYS } from '../../core/store/home/trash-types.ts';
import type { Store } from '../../core/store/store.ts';
import { program } from '../data-folder/command-line.ts';
import type { Answer } from './context.ts';

/**
 * Puts something into the trash, or deletes it permanently, and says so: `words` are a noun, the name, and what becomes of
 * its runs.
 */
export async function deleted(
  { trash }: Store,
  kind: RowKind,
  { id, name }: { id: string; name: string },
  words: string,
  forGood = false,
): Promise<Answer> {
  if (forGood) await trash.purgeDirectly(kind, id);
  else trash.put(kind, [id]);
  const restore = `Bring it back within ${TRASH_DAYS} days: ${program()} trash restore ${id}`;
  return [{ deleted: id, name }, `Deleted the ${words}${forGood ? '' : ` ${restore}`}`];
}
