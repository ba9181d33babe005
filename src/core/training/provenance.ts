/**
 * What a run was trained on, read off its config: keys mean the same in every model that has them. A run may build on
 * another only if that one was trained on nothing that it holds out itself.
 */
import { z } from 'zod';
import { splitOf, statedSplit } from '../data/splits/index.ts';
import { PRETRAINED } from '../evaluation/types.ts';

/** What the results of a run rest on besides its own data set and protocol, as its protocol states it. */
export interface Provenance {
  /** By the keys that lead to each source run: what that was trained on. */
  sources: string[];
  /** What was made elsewhere, so that nobody can say whether it has seen what is held out here. */
  unknown: string[];
}

/** The interactions that a run was trained on. */
export interface Exposure {
  /** Of each user; `rows`: labelled rows that are parted by another rule. */
  interactions: 'none' | 'all-but-last' | 'all-but-last-two' | 'rows';
  /** The rule of the rows, and all that it parts them by. */
  split: string;
  partedBy: string;
  /** Another split than the usual one, as config keys, and what training sees with it; null of the usual one. */
  held: { keys: string; trainedOn: string } | null;
  /** Whether the epoch is chosen on the test items. */
  selectedOnTest: boolean;
  /** Items that were hidden, and the key that hides them; items are drawn by the seed from what `interactions` holds out. */
  hidden: { key: 'coldItems' | 'hiddenItems'; share: number; seed: number } | null;
}

const ranked = z.object({
  protocol: z.enum(['validated', 'paper']),
  coldItems: z.number(),
  coldSeed: z.number(),
  selection: z.string().optional(),
});
const rows = z.object({
  labels: z.string(),
  split: z.string(),
  validShare: z.number(),
  testShare: z.number(),
  hiddenItems: z.number(),
  splitSeed: z.number(),
});
const language = z.object({ stage: z.string(), startFrom: z.string() });

/** By a run's own config; its sources have learnt by themselves. Models without such keys read no interactions. */
export function exposureOf(config: Record<string, unknown>): Exposure {
  const none: Exposure = {
    ...{ interactions: 'none', split: '', partedBy: '', held: null, selectedOnTest: false, hidden: null },
  };
  const ofRanked = ranked.safeParse(config).data;
  if (ofRanked) {
    const { protocol, coldItems: share, coldSeed: seed, selection } = ofRanked;
    return {
      ...none,
      held: heldBy(config, protocol === 'validated'),
      interactions: protocol === 'paper' ? 'all-but-last' : 'all-but-last-two',
      // Under the paper protocol a model without epochs stands with those that are selected on the test items.
      selectedOnTest: protocol === 'paper' && selection !== 'final-epoch',
      hidden: share > 0 ? { key: 'coldItems', share, seed } : null,
    };
  }
  const ofRows = rows.safeParse(config).data;
  if (ofRows) {
    const { split, validShare, testShare, hiddenItems: share, splitSeed: seed } = ofRows;
    return {
      ...none,
      interactions: split === 'last' ? 'all-but-last-two' : 'rows',
      split,
      partedBy: [split, validShare, testShare, share, seed].join(),
      hidden: share > 0 ? { key: 'hiddenItems', share, seed } : null,
    };
  }
  return language.safeParse(config).success ? { ...none, interactions: 'all-but-last-two' } : none;
}

function heldBy(config: Record<string, unknown>, validation: boolean): Exposure['held'] {
  const { id, settings, trainedOn } = splitOf(config);
  if (id === 'leave-last-out') return null;
  const keys = Object.entries({ split: id, ...settings }).map(([key, value]) => `${key}=${value}`);
  return { keys: keys.join(', '), trainedOn: trainedOn(validation) };
}

/** Another split than the usual one that a config names, as protocols state it; null of the usual one, and of models without. */
export function otherSplit(config: Record<string, unknown>) {
  const { protocol } = ranked.safeParse(config).data ?? {};
  if (protocol === undefined) return null;
  const { id, settings } = splitOf(config);
  return id === 'leave-last-out' ? null : { split: statedSplit(id, protocol === 'validated'), ...settings };
}

/** The pretrained model that a config itself names, as its file or folder is called; null for none. */
export function pretrainedName({ weights }: Record<string, unknown>): string | null {
  const parts = typeof weights === 'string' ? weights.split(/[\\/]/).filter(Boolean) : [];
  return parts.at(-1)?.replace(/\.gguf$/i, '') ?? null;
}

/** What of a config was made elsewhere: "vectors of a file". */
export function unknownParts(config: Record<string, unknown>): string[] {
  // Content vectors beside imported IDs only measure them.
  if (typeof config.file === 'string' && 'dropLast' in config) return ['imported Semantic IDs'];
  return [
    ...(config.content === 'vectors' ? ['vectors of a file'] : []),
    ...(pretrainedName(config) === null ? [] : [PRETRAINED]),
  ];
}

/** Why building on a run of exposure `source` leaks into one of exposure `target`; null where it does not. */
export function leakReason(source: Exposure, target: Exposure): string | null {
  if (source.interactions === 'none' || target.interactions === 'none') return null;
  if (source.interactions === 'rows') {
    if (target.interactions === 'rows' && source.partedBy === target.partedBy) return null;
    const fitting =
      target.interactions === 'rows'
        ? 'whose split, validShare, testShare, hiddenItems and splitSeed are the same'
        : 'that was trained with split=last';
    return `has learnt from rows that are held out here (split=${source.split}): name one ${fitting}`;
  }
  if (target.interactions === 'rows') {
    return `has learnt from interactions that split=${target.split} tests here: set split=last, which holds out the same`;
  }
  if (source.held?.keys !== target.held?.keys) {
    const fitting = target.held?.keys ?? 'split=leave-last-out';
    return `has learnt from interactions that are held out here: name one that was trained with ${fitting}`;
  }
  if (source.interactions === 'all-but-last' && target.interactions === 'all-but-last-two') {
    return 'was trained on validation items (protocol=paper), which are held out here: choose a run with protocol=validated';
  }
  if (source.selectedOnTest && !target.selectedOnTest) {
    return 'has chosen its epoch on the test items: name one that was trained with selection=final-epoch';
  }
  return target.hidden && !hidesAsMuch(source, target) ? seenHidden(target.hidden) : null;
}

function seenHidden({ key, share, seed }: NonNullable<Exposure['hidden']>): string {
  const seen = `has learnt from items that ${key}=${share} hides here`;
  return key === 'coldItems'
    ? `${seen}: train it with coldItems=${share}, coldSeed=${seed} and the same protocol`
    : `${seen}: name one that reads no interactions`;
}

/** A larger share of one draw contains a smaller one; what is drawn from depends on the interactions held out. */
function hidesAsMuch(source: Exposure, target: Exposure): boolean {
  return (
    source.hidden?.key === 'coldItems' &&
    target.hidden?.key === 'coldItems' &&
    source.interactions === target.interactions &&
    source.hidden.seed === target.hidden.seed &&
    source.hidden.share >= target.hidden.share
  );
}

const INTERACTIONS: Record<Exposure['interactions'], string> = {
  none: 'no interactions',
  'all-but-last': 'all but the last interaction of a user',
  'all-but-last-two': 'all but the last two interactions of a user',
  rows: 'rows',
};

/** One line for a protocol. */
export function describeExposure(exposure: Exposure): string {
  const { interactions, split, held, selectedOnTest, hidden } = exposure;
  return [
    (held === null ? INTERACTIONS[interactions] : `${held.trainedOn} (${held.keys})`) +
      (interactions === 'rows' ? ` (split=${split})` : ''),
    ...(hidden ? [`items hidden: ${hidden.key}=${hidden.share}, seed ${hidden.seed}`] : []),
    ...(selectedOnTest ? ['epoch chosen on the test items'] : []),
  ].join(', ');
}
