/** What metrics of lists read of the items of a data set besides their popularity. */

import { categoriesOf, genresOf } from '../../content/categories.ts';
import { readCategoryColumns } from '../../content/columns.ts';
import { contentTerms } from '../../content/index.ts';
import type { Interactions } from '../../data/types.ts';
import type { ItemDetails } from '../../evaluation/list-values.ts';

/** All that there is, or of it what is asked for; `data` as it was divided for the run, whose histories are of it. */
export async function readItemDetails(
  datasetDir: string,
  data: Pick<Interactions, 'offsets' | 'itemIds'>,
  asked?: ReadonlySet<keyof ItemDetails>,
): Promise<ItemDetails> {
  const isAsked = (detail: keyof ItemDetails) => !asked || asked.has(detail);
  const columns = isAsked('categories') || isAsked('genres') ? await readCategoryColumns(datasetDir) : [];
  return {
    histories: data,
    content: isAsked('content') ? await contentTerms(datasetDir) : null,
    categories: categoriesOf(columns)?.labels ?? null,
    genres: genresOf(columns),
  };
}
