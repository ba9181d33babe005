/** What the tables of a plan do without, in its text. */
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { PAPER_PARTS, type PaperPart } from './choices.ts';
import { changeText } from './edit-plan.ts';

const textSchema = z.object({
  paper: z.looseObject({ without: z.array(z.enum(PAPER_PARTS)).optional() }).nullish(),
});

/** The rest of a plan may be wrong. Null where nobody can tell, as of a text that is no YAML. */
function paperOf(text: string): z.output<typeof textSchema>['paper'] | null {
  const document = parseDocument(text, { logLevel: 'error' });
  if (document.errors.length > 0) return null;
  try {
    const { data } = textSchema.safeParse(document.toJS({ maxAliasCount: 1000 }));
    return data ? (data.paper ?? {}) : null;
  } catch {
    // Aliases that multiply each other.
    return null;
  }
}

/** What a plan leaves out of its tables; null where its text does not tell. */
export function partsLeftOut(text: string): PaperPart[] | null {
  const paper = paperOf(text);
  return paper ? (paper.without ?? []) : null;
}

/**
 * Writes what a plan leaves out of its tables, every comment kept. Where that is nothing, no word of it stays. A text that does not tell what
 * it leaves out stays as it is.
 */
export function leaveOut(text: string, parts: readonly PaperPart[]): string {
  if (paperOf(text) === null) return text;
  const path = ['paper', 'without'];
  if (parts.length > 0) return changeText(text, path, parts);
  const without = changeText(text, path, undefined);
  const isAlone = Object.keys(paperOf(text) ?? {}).join() === 'without';
  const found = isAlone ? changeText(text, ['paper'], undefined) : without;
  return comments(found) === comments(text) && found !== text ? found : changeText(text, path, []);
}

const comments = (text: string) => text.match(/#.*/g)?.length ?? 0;
