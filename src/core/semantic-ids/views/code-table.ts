/** The part of Semantic IDs that every view aggregates. */
export interface CodeTable {
  /** Codes an ID has. */
  readonly levels: number;
  /** [levels] how many codes a level has to choose from. */
  readonly codebookSizes: readonly number[];
  /** Items of the catalogue. */
  readonly items: number;
  /** [items, levels]; -1 where an item has no ID. */
  readonly codes: Int32Array;
}

/** A label of each item, such as the category it belongs to: an index into `names`, -1 where it is unknown. */
export interface Labels {
  readonly names: readonly string[];
  /** [items] */
  readonly of: Int16Array;
}

export const hasId = ({ codes, levels }: CodeTable, item: number): boolean => codes[item * levels] >= 0;
