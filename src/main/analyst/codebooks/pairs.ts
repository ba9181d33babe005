import type {
  CodebookView,
  HeatMap,
  HeatRequest,
  MovedItem,
  PlacedCodes,
  SelectedView,
  TokenisersBeside,
} from '../../../core/api/codebooks.ts';
import { UserError } from '../../../core/errors.ts';
import { besideOf, matchCodes, movedItems, placeBeside } from '../../../core/semantic-ids/views/beside.ts';
import { hasId } from '../../../core/semantic-ids/views/code-table.ts';
import { cooccurrence, densest, transitions } from '../../../core/semantic-ids/views/matrices.ts';
import { gridOf } from '../../../core/semantic-ids/views/placement.ts';
import type { Store } from '../../../core/store/store.ts';
import { codedItems, codesOf } from './items.ts';
import { type OpenedTokeniser, openTokeniser } from './open-tokeniser.ts';

/** Most rows and columns of a heat map: the cells of a larger one are too small to see. */
const HEAT_SIDE = 256;

/** Throws UserError if a level does not exist. */
export async function codebookHeat(store: Store, request: HeatRequest): Promise<HeatMap> {
  const tokeniser = await openTokeniser(store, request);
  const { ids } = tokeniser;
  const { kind, down, order } = request;
  const across = kind === 'transitions' ? down : request.across;
  if (Math.max(down, across) >= ids.levels) {
    throw new UserError(`the IDs have ${ids.levels} levels: there is no level ${Math.max(down, across) + 1}`);
  }
  const selected = tokeniser.select(request.pattern);
  const counts =
    kind === 'levels'
      ? cooccurrence(ids, down, across, selected)
      : transitions(ids, down, await tokeniser.sequences(), selected);
  const uses = await tokeniser.uses(request.category);
  const categoryOf = (axis: 'row' | 'column', code: number) =>
    uses[axis === 'row' ? down : across].dominant[code];
  const key = (code: number, axis: 'row' | 'column') => {
    if (order === 'use') return 0;
    // Codes without a category come last.
    return order === 'code' ? code : categoryOf(axis, code) & 0xffff;
  };
  const map = densest(counts, ids.codebookSizes[across], HEAT_SIDE, key);
  return {
    ...map,
    counts: [...map.counts],
    rowCategories: map.rows.map((code) => categoryOf('row', code)),
    columnCategories: map.columns.map((code) => categoryOf('column', code)),
  };
}

type OtherRequest = SelectedView & { other: Pick<CodebookView, 'run' | 'step'> };

/** Throws UserError if the two are of different data sets. */
async function bothOf(
  store: Store,
  request: Pick<OtherRequest, 'run' | 'step' | 'other'>,
): Promise<[OpenedTokeniser, OpenedTokeniser]> {
  const one = await openTokeniser(store, request);
  const other = await openTokeniser(store, request.other);
  if (one.run.dataset.fingerprint !== other.run.dataset.fingerprint) {
    throw new UserError(
      `${one.run.name} has IDs of ${one.run.dataset.name} and ${other.run.name} of ${other.run.dataset.name}: ` +
        'only tokenisers of one data set can be compared',
    );
  }
  return [one, other];
}

export async function codebooksBeside(
  store: Store,
  request: CodebookView & { other: Pick<CodebookView, 'run' | 'step'> },
): Promise<TokenisersBeside> {
  const [one, other] = await bothOf(store, request);
  const beside = besideOf(one.ids, other.ids);
  const cells = await one.cells();
  const places = { one: cells, other: placeBeside(beside, cells, gridOf(cells.length)) };
  const labels = await one.labels(request.category);
  const placed = async (tokeniser: OpenedTokeniser, at: Int32Array): Promise<PlacedCodes> => {
    const [{ dominant }] = await tokeniser.uses(request.category);
    return { grid: gridOf(at.length), cells: [...at], kinds: [...dominant] };
  };
  return {
    ...beside,
    places: [await placed(one, places.one), await placed(other, places.other)],
    categories: [...(labels?.names ?? [])],
  };
}

export async function movedPage(
  store: Store,
  request: OtherRequest & { offset: number; limit: number },
): Promise<{ total: number; rows: MovedItem[] }> {
  const [one, other] = await bothOf(store, request);
  const moved = movedItems(one.ids, other.ids, matchCodes(one.ids, other.ids), one.select(request.pattern));
  const isMoved = new Uint8Array(one.ids.items);
  for (const item of moved) isMoved[item] = 1;
  const shown = [...one.catalogue.byPopularity.filter((item) => isMoved[item] === 1)].slice(
    request.offset,
    request.offset + request.limit,
  );
  const rows = await codedItems(one, request.category, shown);
  return {
    total: moved.length,
    rows: rows.map((row) => ({
      ...row,
      otherCodes: hasId(other.ids, row.item) ? codesOf(other.ids, row.item) : [],
    })),
  };
}
