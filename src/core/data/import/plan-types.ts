import type { ActionName } from '../actions.ts';
import type { SniffedFile } from '../formats/sniff.ts';
import type { ClickRoles } from './feature-roles.ts';
import type { DatasetKind, SideRoles, TimeUnit } from './request.ts';
import type { Columns } from './roles.ts';
import type { Staging } from './staging.ts';

/** A file and what its columns mean. */
export interface PlannedFile extends SniffedFile {
  roles: Columns;
  timeUnit: TimeUnit;
  /** Recorded with each interaction; none in a file of another part. */
  actions: ActionName[];
  /** The role of every column of a click log; its user, item and time are in `roles` as well. Null for other files. */
  clicks: ClickRoles | null;
  /** Roles of the columns that describe an item, a user, or an interaction; null in a file of interactions that keeps none. */
  side: SideRoles | null;
}

/** A file as it is read, and where copies of it go. */
export interface Source {
  /** Prefix of the names of its copies. */
  key: string;
  file: PlannedFile;
  /** Path of the plain text, or of the Parquet file. */
  path: string;
  staging: Staging;
  signal?: AbortSignal;
  onFraction?: (fraction: number) => void;
}

/** Which files an import reads, and as what. */
export interface ImportPlan {
  /** How the interactions are read. */
  kind: DatasetKind;
  /** Suggested name of the data set. */
  name: string;
  interactions: PlannedFile[];
  items: PlannedFile[];
  users: PlannedFile[];
  /** Data files found but not used. */
  ignored: string[];
}
