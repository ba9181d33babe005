import { readdirSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { messageOf, UserError } from '../../errors.ts';
import { clip, examplesText, onOneLine } from '../../names.ts';
import { actionsOf } from '../actions.ts';
import { isNameless, plainName, type SniffedFile, sniffFile } from '../formats/sniff.ts';
import {
  type ClickRoles,
  checkNames,
  clickRoles,
  columnsOf,
  eventRoles,
  FEATURE_ROLES,
  isClickLog,
  sideRoles,
} from './feature-roles.ts';
import type { ImportPlan, PlannedFile } from './plan-types.ts';
import { CLICK_ROLES, columnError, type ImportOverrides, NO_COLUMN, ROLES } from './request.ts';
import { applyMap, type Columns, rolesByName, rolesByPosition, sniffTimeUnit } from './roles.ts';

type Part = 'interactions' | 'items' | 'users' | 'ignored';

/** Names that say what a file is, in the layouts in which data sets are published. */
const KNOWN_NAMES: [RegExp, Part][] = [
  [/^(ratings?|interactions|events)\.(dat|csv|tsv|txt|jsonl?|ndjson|parquet)$/i, 'interactions'],
  [/\.inter$/i, 'interactions'],
  [/^u\.data$/i, 'interactions'],
  [/^log_standard_.*\.csv$/i, 'interactions'],
  [/^(sequences|sequential_data)\.txt$/i, 'interactions'],
  [/^reviews?_.*\.(json|jsonl)$/i, 'interactions'],
  [/^(movies|items|books|products|videos)\.(dat|csv|tsv|jsonl?|ndjson|parquet)$/i, 'items'],
  [/^(meta_.*\.jsonl?|u\.item|.*\.item|video_features_basic.*\.csv)$/i, 'items'],
  [/^(users\.(dat|csv|tsv|jsonl?|ndjson|parquet)|u\.user|.*\.user|user_features.*\.csv)$/i, 'users'],
  [/^(tags|links|genome-.*|log_random_.*|video_features_statistic.*)\.csv$/i, 'ignored'],
];
const RANDOM_LOG = /^log_random_.*\.csv$/i;
const DATA_FILE = /\.(csv|tsv|txt|dat|data|jsonl?|ndjson|parquet|inter|user|item)$/i;
const NOT_DATA = /^(\.|readme|license|copying|changelog)/i;

/** Paths of all that an import reads. */
export function filesOf({ interactions, items, users }: ImportPlan): string[] {
  return [...interactions, ...items, ...users].map(({ path }) => path);
}

/** planFiles, then throws UserError if the rows are missing or ambiguous. */
export async function planImport(paths: readonly string[], overrides: ImportOverrides): Promise<ImportPlan> {
  const plan = await planFiles(paths, overrides);
  checkPlan(plan, paths);
  return plan;
}

/** Finds the files, sniffs them and gives them their parts. Throws UserError for what cannot be read. */
export async function planFiles(paths: readonly string[], overrides: ImportOverrides): Promise<ImportPlan> {
  const absolute = paths.map((path) => resolve(path));
  const files = absolute.flatMap(listFiles);
  const name = onOneLine(plainName(absolute[0]).replace(DATA_FILE, '') || basename(dirname(absolute[0])));
  const parts = new Map(files.map((path) => [path, partByName(path)]));
  // KuaiRand's log of random exposures does not belong to the others, unless it is named.
  for (const path of files.filter((file) => absolute.includes(file) && RANDOM_LOG.test(plainName(file)))) {
    parts.set(path, 'interactions');
  }
  const loneFile = absolute.length === 1 && files.length === 1 && files[0] === absolute[0];
  if (loneFile) parts.set(files[0], 'interactions');
  const plan: ImportPlan = {
    kind: 'interactions',
    name,
    interactions: [],
    items: [],
    users: [],
    ignored: [],
  };
  const strong = [...parts.values()].includes('interactions');
  for (const [path, part] of parts) {
    if (part === 'ignored' || (part === null && strong && !absolute.includes(path))) plan.ignored.push(path);
    else await place(plan, path, part, overrides);
  }
  checkNames([...plan.interactions, ...plan.items, ...plan.users], overrides.map);
  return plan.interactions[0]?.clicks ? clickPlan(plan) : plan;
}

/** Files that describe items or users belong to a click log that names them. */
function clickPlan(plan: ImportPlan): ImportPlan {
  const { roles } = plan.interactions[0];
  const [items, users] = [roles.item ? plan.items : [], roles.user ? plan.users : []];
  const unused = [...plan.items, ...plan.users].filter((file) => ![...items, ...users].includes(file));
  return {
    ...plan,
    kind: 'clicks',
    items,
    users,
    ignored: [...plan.ignored, ...unused.map(({ path }) => path)],
  };
}

function statOf(path: string): Stats {
  let stats: Stats | undefined;
  try {
    stats = statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw new UserError(`${path}: cannot be looked at (${messageOf(error).split(',')[0]})`);
  }
  if (stats === undefined)
    throw new UserError({ code: 'no-file', problem: `${path}: no such file or folder` });
  return stats;
}

/** A file itself, or a folder's data files; where it has none, those of the folders in it. */
function listFiles(path: string): string[] {
  if (!statOf(path).isDirectory()) return [path];
  const entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  const isData = (name: string) => DATA_FILE.test(plainName(name)) && !NOT_DATA.test(name);
  const files = entries.filter((entry) => entry.isFile() && isData(entry.name));
  if (files.length > 0) return files.map((entry) => join(path, entry.name));
  const folders = entries.filter((entry) => entry.isDirectory() && !NOT_DATA.test(entry.name));
  const deeper = folders.flatMap((folder) =>
    readdirSync(join(path, folder.name), { withFileTypes: true })
      .filter((entry) => entry.isFile() && isData(entry.name))
      .map((entry) => join(path, folder.name, entry.name)),
  );
  if (deeper.length > 0) return deeper.sort();
  throw new UserError(
    `${path}: no data files in this folder; expected CSV, TSV, .dat, JSON lines, Parquet or .inter`,
  );
}

function partByName(path: string): Part | null {
  const name = plainName(path);
  return KNOWN_NAMES.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

async function place(
  plan: ImportPlan,
  path: string,
  known: Part | null,
  overrides: ImportOverrides,
): Promise<void> {
  // The separator, the header and the map were chosen for the interactions; side files are sniffed on their own.
  const alone: ImportOverrides = { map: {}, kind: 'interactions', encoding: overrides.encoding };
  const first = await sniffFile(path, known === 'items' || known === 'users' ? alone : overrides);
  const part = known ?? partByColumns(first, overrides);
  if (part === 'ignored') plan.ignored.push(path);
  else {
    const file = known !== null || part === 'interactions' ? first : await sniffFile(path, alone);
    plan[part].push(planFile(file, part, overrides));
  }
}

function partByColumns(file: SniffedFile, overrides: ImportOverrides): Part {
  if (file.kind === 'sequences' || isClickLog(file, overrides)) return 'interactions';
  const named = rolesByName(file.columns);
  const mapped = (role: 'user' | 'item') =>
    overrides.map[role] !== undefined && file.columns.includes(overrides.map[role]);
  const user = named.user !== undefined || mapped('user');
  const item = named.item !== undefined || mapped('item');
  if (user && item) return 'interactions';
  if (item) return 'items';
  if (user) return 'users';
  return isNameless(file) && file.columns.length >= 2 ? 'interactions' : 'ignored';
}

function planFile(
  file: SniffedFile,
  part: Exclude<Part, 'ignored'>,
  overrides: ImportOverrides,
): PlannedFile {
  const { path } = file;
  const named = rolesByName(file.columns);
  const clicks = part === 'interactions' && isClickLog(file, overrides) ? clickRoles(file, overrides) : null;
  let roles = named;
  if (clicks !== null) roles = sharedRoles(file.columns, clicks);
  else if (file.kind === 'sequences') roles = { user: 'user', item: 'item' };
  else if (part === 'interactions') {
    const nameless = isNameless(file) && named.user === undefined;
    const rows = file.rows.map((row) => row.map((field) => field ?? ''));
    roles = applyMap(
      nameless ? rolesByPosition(file.columns, rows) : named,
      file.columns,
      interactionMap(overrides),
      path,
    );
    delete roles.title;
  } else {
    if (file.columns.length > MAX_COLUMNS) {
      throw new UserError(
        `${path}:1: ${file.columns.length} columns; a file of ${part} may have ${MAX_COLUMNS}: write one with fewer`,
      );
    }
    roles = applyMap(named, file.columns, sideMap(overrides, file.columns), path);
    const id = part === 'items' ? 'item' : 'user';
    if (roles[id] === undefined && !file.header) roles[id] = file.columns[0];
    if (roles[id] === undefined)
      throw new UserError(`${path}:1: no column with the ${id}; found ${clip(file.columns.join(', '), 300)}`);
  }
  const at = roles.time === undefined ? -1 : file.columns.indexOf(roles.time);
  const times = at < 0 ? [] : file.rows.map((row) => row[at]).filter((value) => value !== null);
  const actions = part === 'interactions' && clicks === null ? actionsOf(file.columns) : [];
  const side = describing(file, part, roles, clicks === null, overrides.map);
  return { ...file, roles, timeUnit: overrides.timeUnit ?? sniffTimeUnit(times), actions, clicks, side };
}

/** The roles of a file's columns beside those of the ids; null where it has none. */
function describing(
  file: SniffedFile,
  part: Exclude<Part, 'ignored'>,
  roles: Columns,
  plain: boolean,
  map: ImportOverrides['map'],
): PlannedFile['side'] {
  if (part !== 'interactions')
    return sideRoles(file, [part === 'items' ? roles.item : roles.user, roles.title], map);
  return plain && file.kind !== 'sequences' ? eventRoles(file, Object.values(roles), map) : null;
}

/** The roles that a click log has in common with interactions. */
function sharedRoles(columns: readonly string[], clicks: ClickRoles): Columns {
  return Object.fromEntries(
    columns
      .filter((column) => ROLES.some((role) => role === clicks[column]))
      .map((name) => [clicks[name], name]),
  );
}

function interactionMap({ map }: ImportOverrides): ImportOverrides['map'] {
  const { title: _, ...rest } = map;
  return rest;
}

/** Of a side file only names that exist in it apply, and that it has no title. */
function sideMap({ map }: ImportOverrides, columns: readonly string[]): ImportOverrides['map'] {
  return Object.fromEntries(
    Object.entries(map).filter(
      ([role, column]) => columns.includes(column) || (role === 'title' && column === NO_COLUMN),
    ),
  );
}

/** Throws UserError where the rows have nothing to learn from, several files do not go together, or a named file is of no use. */
export function checkPlan(plan: ImportPlan, paths: readonly string[]): void {
  const [first, ...others] = plan.interactions;
  if (first === undefined) {
    throw new UserError({
      code: 'bad-columns',
      problem: `${examplesText(paths)}: no file with a user and an item column`,
      fix: { cli: 'name them with --map user=…,item=…', window: 'choose files that have both' },
    });
  }
  if (first.columns.length === 1 && first.kind === 'delimited') {
    throw new UserError({
      code: 'bad-columns',
      problem: `${first.path}:1: only one column with the separator "${first.dialect.separator}"`,
      fix: {
        cli: 'name another with --separator, or leave the option out',
        window: 'choose another separator',
      },
    });
  }
  const clicks = plan.kind === 'clicks';
  if (clicks) checkClicks(first);
  else checkInteractions(first);
  const meaning = (file: PlannedFile) =>
    JSON.stringify(
      clicks
        ? USED_ROLES.map((role) => columnsOf(file, role))
        : [file.kind, file.roles, file.actions, file.side],
    );
  const other = others.find((file) => meaning(file) !== meaning(first));
  if (other !== undefined) {
    throw new UserError(
      `${first.path} and ${other.path}: ${clicks ? 'click logs' : 'interactions'} with different columns; import one of them by its file name`,
    );
  }
  if (clicks) return;
  const lost = plan.ignored.find(
    (path) => partByName(path) === null && paths.some((named) => resolve(named) === path),
  );
  if (lost !== undefined) {
    throw new UserError({
      code: 'bad-columns',
      problem: `${lost}:1: neither a user nor an item column in it`,
      fix: { cli: 'name one with --map, or leave the file out', window: 'leave the file out' },
    });
  }
}

function checkInteractions({ path, roles, columns }: PlannedFile): void {
  for (const role of ['user', 'item'] as const) {
    if (roles[role] !== undefined) continue;
    throw columnError(
      `${path}:1: no ${role} column among ${columns.join(', ')}`,
      `name it with --map ${role}=COLUMN`,
    );
  }
}

/** Columns of a click log that are read. */
const USED_ROLES = CLICK_ROLES.filter((role) => role !== 'ignore');
/** A wider log, or file of items or users, would take minutes even with few rows. */
const MAX_COLUMNS = 2000;

function checkClicks(file: PlannedFile): void {
  const found = clip(file.columns.join(', '), 300);
  if (columnsOf(file, 'label').length === 0 && columnsOf(file, 'user', 'item').length < 2) {
    throw columnError(
      `${file.path}:1: no label column among ${found}`,
      'name it with --map label=COLUMN, or user and item columns, against whose rows negatives are sampled',
    );
  }
  if (columnsOf(file, ...FEATURE_ROLES).length === 0) {
    throw columnError(
      `${file.path}:1: no column to predict from among ${found}`,
      'name some with --map categorical=COLUMN+COLUMN',
    );
  }
  const used = columnsOf(file, ...USED_ROLES).length;
  if (used > MAX_COLUMNS) {
    throw columnError(
      `${file.path}:1: ${used} columns; a click log may have ${MAX_COLUMNS}`,
      'leave some out with --map ignore=COLUMN+COLUMN',
    );
  }
}
