/** Tokenisers that were viewed recently, cached between calls. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { CategoryChoice, CodebookView, SelectedView } from '../../../core/api/codebooks.ts';
import { openInteractions } from '../../../core/data/read.ts';
import { UserError } from '../../../core/errors.ts';
import { readManifest, readSnapshot, readSpace, spaceDims } from '../../../core/semantic-ids/artefact.ts';
import type { SemanticIds, Snapshot } from '../../../core/semantic-ids/types.ts';
import { codeFeatures, sharingOf } from '../../../core/semantic-ids/views/code-map.ts';
import { hasId, type Labels } from '../../../core/semantic-ids/views/code-table.ts';
import { bucketStarts } from '../../../core/semantic-ids/views/collisions.ts';
import type { Sequences } from '../../../core/semantic-ids/views/matrices.ts';
import { placeCodes } from '../../../core/semantic-ids/views/placement.ts';
import { type PrefixOrder, prefixOrder } from '../../../core/semantic-ids/views/prefix-order.ts';
import { meanCodebooks, type Quantiser, type Vectors } from '../../../core/semantic-ids/views/residuals.ts';
import { type Selection, selectPattern } from '../../../core/semantic-ids/views/selection.ts';
import { type LevelUse, levelUse } from '../../../core/semantic-ids/views/strips.ts';
import { type PrefixTree, prefixTree } from '../../../core/semantic-ids/views/tree.ts';
import type { Store } from '../../../core/store/store.ts';
import type { OwnRun } from '../../../core/store/types.ts';
import { Catalogue } from './catalogue.ts';

const SELECTIONS_KEPT = 16;
const USES_KEPT = 4;
const TREES_KEPT = 32;
/** Prefixes below this share of the picture are too small to draw. */
const SMALLEST_SHARE = 1 / 3_000;

/** `memo(key, { context })` calls its context for a value that is not cached. */
function memoCache<T extends object>(max: number) {
  return new LRUCache<string, T, () => T>({ max, memoMethod: (_key, _old, { context }) => context() });
}

/** The IDs of one run at one step, with what views need of its data set. */
export class OpenedTokeniser {
  readonly run: OwnRun;
  readonly step: number;
  readonly ids: SemanticIds;
  readonly order: PrefixOrder;
  readonly catalogue: Catalogue;
  /** Folder of its data set. */
  readonly dataset: string;
  readonly #snapshot: Snapshot;
  readonly #runDir: string;
  readonly #isSelected: boolean;
  readonly #selections = memoCache<Selection>(SELECTIONS_KEPT);
  readonly #uses = memoCache<LevelUse[]>(USES_KEPT);
  readonly #trees = memoCache<PrefixTree>(TREES_KEPT);
  /** Ranks of the selected items, the most popular first. */
  readonly #sorted = new WeakMap<Selection, Int32Array>();
  #buckets: Int32Array | undefined;
  #sharing: Int32Array | undefined;
  #cells: Promise<Int32Array> | undefined;
  #popularWithId: Int32Array | undefined;
  #quantiser: Quantiser | null | undefined;
  #vectors: Vectors | null | undefined;
  #sequences: Promise<Sequences> | undefined;

  constructor(run: OwnRun, runDir: string, dataset: string, snapshot: Snapshot, catalogue: Catalogue) {
    this.run = run;
    this.step = snapshot.step;
    this.ids = snapshot.ids;
    this.order = prefixOrder(snapshot.ids);
    this.catalogue = catalogue;
    this.#snapshot = snapshot;
    this.dataset = dataset;
    this.#runDir = runDir;
    this.#isSelected = readManifest(runDir).selected === snapshot.step;
  }

  /** Null if none are chosen or the data set has none. */
  async labels(choice: CategoryChoice | null): Promise<Labels | null> {
    return choice ? this.catalogue.labels(choice) : null;
  }

  /** How every level is used by the whole catalogue. */
  async uses(choice: CategoryChoice | null): Promise<LevelUse[]> {
    const labels = await this.labels(choice);
    return this.#uses.memo(JSON.stringify(choice), {
      context: () =>
        this.ids.codebookSizes.map((_, level) =>
          levelUse(this.ids, level, this.catalogue.popularity, labels),
        ),
    });
  }

  /** The prefixes below a root. */
  async tree(
    root: readonly number[],
    weight: 'items' | 'interactions',
    category: CategoryChoice | null,
  ): Promise<PrefixTree> {
    const labels = await this.labels(category);
    return this.#trees.memo(JSON.stringify([root, weight, category]), {
      context: () =>
        prefixTree(this.ids, this.order, {
          root,
          labels,
          smallest: SMALLEST_SHARE,
          weights: weight === 'interactions' ? this.catalogue.popularity : null,
        }),
    });
  }

  /** Start of each distinct ID in the order. */
  get buckets(): Int32Array {
    this.#buckets ??= bucketStarts(this.ids, this.order);
    return this.#buckets;
  }

  /** How many items have the ID at each place of the order. */
  get sharing(): Int32Array {
    this.#sharing ??= sharingOf(this.buckets);
    return this.#sharing;
  }

  /** The cell of each first code on the map: by what the codes are, never by how they are looked at, so that it stays. */
  cells(): Promise<Int32Array> {
    this.#cells ??= this.#place();
    return this.#cells;
  }

  async #place(): Promise<Int32Array> {
    const [first] = this.#snapshot.codebooks;
    const items = this.ids.codebookSizes[0];
    if (first) return placeCodes({ items, dim: first.length / items, data: first });
    return placeCodes(codeFeatures(this.ids, await this.labels(this.catalogue.category)));
  }

  /** A page of the selected items, the most popular first. */
  popular(selected: Selection, offset: number, limit: number): number[] {
    const { byPopularity, ranks } = this.catalogue;
    if (!selected.items) {
      const all = this.order.length === byPopularity.length;
      const known = all ? byPopularity : this.#withId();
      return [...known.subarray(offset, offset + limit)];
    }
    let sorted = this.#sorted.get(selected);
    if (!sorted) {
      sorted = selected.items.map((item) => ranks[item]).sort();
      this.#sorted.set(selected, sorted);
    }
    return Array.from(sorted.subarray(offset, offset + limit), (rank) => byPopularity[rank]);
  }

  #withId(): Int32Array {
    this.#popularWithId ??= this.catalogue.byPopularity.filter((item) => hasId(this.ids, item));
    return this.#popularWithId;
  }

  select(pattern: SelectedView['pattern']): Selection {
    return this.#selections.memo(JSON.stringify(pattern), {
      context: () => selectPattern(this.ids, this.order, pattern.slice(0, this.ids.levels)),
    });
  }

  /** The content vectors; null if the run stores none. */
  get vectors(): Vectors | null {
    if (this.#vectors === undefined) this.#readSpace();
    return this.#vectors ?? null;
  }

  /**
   * What the codes quantise, with a vector for each code: the tokeniser's own, or means of its items. Null if
   * the run stores no vectors; encoder outputs are stored only for the selected IDs.
   */
  get quantiser(): Quantiser | null {
    if (this.#quantiser === undefined) this.#readSpace();
    return this.#quantiser ?? null;
  }

  get hasOwnCodeVectors(): boolean {
    return this.#snapshot.codebooks.length === this.ids.levels;
  }

  /** Dimensions of the content vectors, without reading them; null if the run stores none. */
  get vectorDim(): number | null {
    return spaceDims(this.#runDir)?.vectors ?? null;
  }

  #readSpace(): void {
    const space = readSpace(this.#runDir);
    this.#vectors = space?.vectors ?? null;
    const latents =
      space && (space.latents === null ? space.vectors : this.#isSelected ? space.latents : null);
    if (!latents) this.#quantiser = null;
    else {
      const codebooks = this.hasOwnCodeVectors ? this.#snapshot.codebooks : meanCodebooks(this.ids, latents);
      this.#quantiser = { vectors: latents, codebooks };
    }
  }

  sequences(): Promise<Sequences> {
    this.#sequences ??= openInteractions(this.dataset);
    return this.#sequences;
  }
}

const TOKENISERS_KEPT = 4;

/** Catalogues are shared by the tokenisers of a data set and closed with the last of them. */
const catalogues = new Map<string, { catalogue: Promise<Catalogue>; users: number }>();

function borrowCatalogue(folder: string): Promise<Catalogue> {
  const known = catalogues.get(folder) ?? { catalogue: Catalogue.open(folder), users: 0 };
  known.users++;
  catalogues.set(folder, known);
  return known.catalogue;
}

function returnCatalogue(folder: string): void {
  const known = catalogues.get(folder);
  if (!known || --known.users > 0) return;
  catalogues.delete(folder);
  void known.catalogue.then(
    (catalogue) => catalogue.close(),
    () => {},
  );
}

const opened = new LRUCache<string, Promise<OpenedTokeniser>>({
  max: TOKENISERS_KEPT,
  dispose: (tokeniser) =>
    void tokeniser.then(
      ({ dataset }) => returnCatalogue(dataset),
      () => {},
    ),
});

/** Throws UserError if the run has no Semantic IDs, or its data set has been deleted. */
export async function openTokeniser(
  store: Store,
  { run: id, step }: Pick<CodebookView, 'run' | 'step'>,
): Promise<OpenedTokeniser> {
  const runDir = store.runs.folder(id);
  const manifest = readManifest(runDir);
  // A run that is trained again rewrites its manifest.
  const { mtimeMs } = statSync(join(runDir, 'semantic-ids', 'manifest.json'));
  const selectedStep = step ?? manifest.selected ?? manifest.snapshots.at(-1)?.step;
  const key = JSON.stringify([runDir, selectedStep, mtimeMs]);
  const known = opened.get(key);
  if (known) return known;
  const tokeniser = load(store, id, selectedStep);
  opened.set(key, tokeniser);
  tokeniser.catch(() => opened.delete(key));
  return tokeniser;
}

async function load(store: Store, id: string, step: number | undefined): Promise<OpenedTokeniser> {
  const run = store.runs.own(id);
  if (run.dataset.id === null) {
    throw new UserError(
      `the data set ${run.dataset.name} was deleted, and with it the names of the items: import it again`,
    );
  }
  const folder = store.datasets.folder(run.dataset.id);
  const runDir = store.runs.folder(id);
  const snapshot = readSnapshot(runDir, step);
  const catalogue = await borrowCatalogue(folder);
  try {
    if (catalogue.popularity.length !== snapshot.ids.items) {
      throw new UserError(
        `run ${run.name} has IDs of ${snapshot.ids.items} items, and the data set ${run.dataset.name} has ` +
          `${catalogue.popularity.length}: train the tokeniser again`,
      );
    }
    return new OpenedTokeniser(run, runDir, folder, snapshot, catalogue);
  } catch (error) {
    returnCatalogue(folder);
    throw error;
  }
}
