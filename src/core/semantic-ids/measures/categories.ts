/** Information that codes carry about the category of an item. */
import type { Categories } from '../../content/categories.ts';
import { adjustedInformation, contingency, normalisedInformation } from '../../math/information.ts';
import type { Prefixes } from '../prefixes.ts';
import type { SemanticIds } from '../types.ts';
import { codesOfLevel } from './levels.ts';

export interface CategoryMeasures {
  column: string;
  categories: number;
  /** Bits that each level's code shares with the category, by level. */
  information: number[];
  /** Of prefixes and categories, by depth: normalised and adjusted mutual information. */
  nmi: number[];
  ami: number[];
}

export function measureCategories(
  ids: SemanticIds,
  prefixes: readonly Prefixes[],
  { column, labels, names }: Categories,
): CategoryMeasures {
  const tables = prefixes.map((prefix) => contingency(prefix.ids, labels));
  return {
    column,
    categories: names.length,
    information: prefixes.map(
      (_, level) => contingency(codesOfLevel(ids, level), labels).information / Math.LN2,
    ),
    nmi: tables.map(normalisedInformation),
    ami: tables.map(adjustedInformation),
  };
}
