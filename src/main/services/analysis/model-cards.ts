import { resolve } from 'node:path';
import type { PlacedCard } from '../../../core/api/language.ts';
import { readModelCard } from '../../../core/families/language/model-card.ts';
import { isInside } from '../../../core/files/inside.ts';
import { totalMemory } from '../../../core/memory.ts';
import type { Store } from '../../../core/store/store.ts';
import { modelsFolder, uploadsFolder } from '../pretrained-models.ts';

/** Throws UserError for what is no pretrained model, or one that is not computed exactly. */
export function placedCard({ home }: Store, { path }: { path: string }): PlacedCard {
  const isIn = (folder: string) => isInside(folder, resolve(path));
  const place = isIn(modelsFolder(home)) ? 'kept' : isIn(uploadsFolder(home)) ? 'dropped' : 'own';
  return { ...readModelCard(path), place, memoryBytes: totalMemory() };
}
