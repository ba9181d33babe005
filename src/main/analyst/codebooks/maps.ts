import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import type {
  CodebookMap,
  CodebookView,
  DeadCode,
  MapChoice,
  MapProgress,
  SelectedView,
} from '../../../core/api/codebooks.ts';
import { throwIfCancelled, UserError } from '../../../core/errors.ts';
import { hasId } from '../../../core/semantic-ids/views/code-table.ts';
import { principalComponents, projectAll } from '../../../core/semantic-ids/views/projection.ts';
import { deadCodes, residualsOf, type Vectors } from '../../../core/semantic-ids/views/residuals.ts';
import { umapSteps } from '../../../core/semantic-ids/views/umap.ts';
import type { Store } from '../../../core/store/store.ts';
import type { WorkContext } from '../../workers/progress.ts';
import { codesOf } from './items.ts';
import { type DrawnMap, mapKey, type OpenedTokeniser, openTokeniser } from './open-tokeniser.ts';

/** Points of a map, sampled evenly from the catalogue. */
const SAMPLE = 20_000;
const SEED = 1;
/** Side of a map's square in its integer units: finer than any screen. */
const SIDE = 10_000;
/** How long the process may work on a layout before it answers other questions. */
const SLICE_MS = 30;

/** Throws UserError if the run stores no vectors of that space, CancelledError when the signal fires. */
export async function codebookMap(
  store: Store,
  request: CodebookView & { map: MapChoice },
  context: WorkContext<MapProgress>,
): Promise<CodebookMap> {
  const tokeniser = await openTokeniser(store, request);
  const labels = await tokeniser.labels(request.category);
  const key = mapKey(request.map);
  const drawn = tokeniser.maps.peek(key) ?? (await draw(tokeniser, request.map, context));
  tokeniser.maps.set(key, drawn);
  return {
    ...drawn,
    items: [...drawn.items],
    points: [...drawn.points],
    codes: [...drawn.items].flatMap((item) => codesOf(tokeniser.ids, item)),
    categories: [...drawn.items].map((item) => labels?.of[item] ?? -1),
    of: tokeniser.order.length,
  };
}

async function draw(
  tokeniser: OpenedTokeniser,
  { space, level, method }: MapChoice,
  context: WorkContext<MapProgress>,
): Promise<DrawnMap> {
  const items = sample(tokeniser);
  const vectors = vectorsOf(tokeniser, items, space, level);
  const { quantiser, ids } = tokeniser;
  // A level's code vectors are in the space of the residuals that it quantises: other maps cannot show them.
  const book = space === 'residual' && quantiser ? quantiser.codebooks[level] : null;
  const all = book ? joined(vectors, book) : vectors;
  let explained: number[] | null = null;
  let flat: Float32Array;
  if (method === 'pca') {
    const projection = principalComponents(vectors, 2);
    explained = projection.explained;
    flat = inTwo(projectAll(projection, all), projection.axes.length);
  } else {
    flat = await inSlices(umapSteps(all, SEED), context);
  }
  const points = toSquare(flat);
  const codeVectors = book && {
    codes: Array.from({ length: ids.codebookSizes[level] }, (_, code) => code),
    points: [...points.subarray(2 * items.length)],
  };
  return { items, points: points.subarray(0, 2 * items.length), explained, codeVectors };
}

/** Sampled evenly from the items with an ID, in dense order. */
function sample({ ids }: OpenedTokeniser): Int32Array {
  const known = new Int32Array(ids.items);
  let count = 0;
  for (let item = 0; item < ids.items; item++) if (hasId(ids, item)) known[count++] = item;
  const size = Math.min(SAMPLE, count);
  return Int32Array.from({ length: size }, (_, at) => known[Math.floor((at * count) / size)]);
}

function vectorsOf(
  tokeniser: OpenedTokeniser,
  items: Int32Array,
  space: MapChoice['space'],
  level: number,
): Vectors {
  const { ids, vectors, quantiser, run } = tokeniser;
  if (space === 'residual') {
    if (!quantiser)
      throw new UserError(`run ${run.name} has no vectors that its codes quantise at this step`);
    if (level >= ids.levels) throw new UserError(`the IDs have ${ids.levels} levels: choose a lower one`);
    return residualsOf(ids, quantiser, items, level);
  }
  if (!vectors) throw new UserError(`run ${run.name} has no vectors of its items: a map needs some`);
  const { dim, data } = vectors;
  const chosen = new Float32Array(items.length * dim);
  for (const [at, item] of items.entries()) chosen.set(data.subarray(item * dim, (item + 1) * dim), at * dim);
  return { items: items.length, dim, data: chosen };
}

function joined({ items, dim, data }: Vectors, more: Float32Array): Vectors {
  const all = new Float32Array(data.length + more.length);
  all.set(data);
  all.set(more, data.length);
  return { items: items + more.length / dim, dim, data: all };
}

/** Vectors of one dimension lie on a line. */
function inTwo(points: Float32Array, width: number): Float32Array {
  if (width === 2) return points;
  return Float32Array.from({ length: 2 * points.length }, (_, at) => (at % 2 === 0 ? points[at / 2] : 0));
}

/** Integer coordinates in a square, both axes on one scale. */
function toSquare(points: Float32Array): Float32Array {
  const low = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const high = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const [at, value] of points.entries()) {
    low[at % 2] = Math.min(low[at % 2], value);
    high[at % 2] = Math.max(high[at % 2], value);
  }
  const span = Math.max(high[0] - low[0], high[1] - low[1]);
  const centre = [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2];
  return points.map((value, at) =>
    Math.round(SIDE / 2 + (span > 0 ? ((value - centre[at % 2]) / span) * SIDE : 0)),
  );
}

/** Works through the steps, and lets other questions be answered in between. */
async function inSlices<T>(
  steps: Generator<MapProgress, T>,
  { signal, onProgress }: WorkContext<MapProgress>,
): Promise<T> {
  let since = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (performance.now() - since < SLICE_MS) continue;
    onProgress?.(step.value);
    await yieldToEventLoop();
    throwIfCancelled(signal);
    since = performance.now();
  }
}

/** Throws UserError if the map is no longer cached. */
export async function mapSelection(
  store: Store,
  request: SelectedView & { map: MapChoice },
): Promise<{ bits: string; count: number }> {
  const tokeniser = await openTokeniser(store, request);
  const drawn = tokeniser.maps.peek(mapKey(request.map));
  if (!drawn) throw new UserError('the map is no longer available: show it again');
  const { mask } = tokeniser.select(request.selection);
  const bits = new Uint8Array(Math.ceil(drawn.items.length / 8));
  let count = 0;
  for (const [at, item] of drawn.items.entries()) {
    if (mask && mask[item] === 0) continue;
    bits[at >> 3] |= 1 << (at & 7);
    count++;
  }
  return { bits: Buffer.from(bits).toString('base64'), count };
}

/** Null if the run has no code vectors of its own: an unused code then has no position. */
export async function codebookDead(
  store: Store,
  request: CodebookView & { level: number },
): Promise<(DeadCode & { title: string | null })[] | null> {
  const tokeniser = await openTokeniser(store, request);
  const { ids, quantiser } = tokeniser;
  if (!quantiser || !tokeniser.hasOwnCodeVectors || request.level >= ids.levels) return null;
  const { counts } = (await tokeniser.uses(null))[request.level];
  const dead = deadCodes(ids, quantiser, request.level, counts, sample(tokeniser));
  const nearest = dead.filter(({ item }) => item >= 0).map(({ item }) => item);
  const names = await tokeniser.catalogue.names(nearest);
  const titles = new Map(nearest.map((item, at) => [item, names[at].title ?? names[at].id]));
  return dead.map((code) => ({ ...code, title: titles.get(code.item) ?? null }));
}
