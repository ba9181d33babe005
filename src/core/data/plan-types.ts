import type { ActionName } from './actions.ts';
import type { ClickRoles } from './clicks/roles.ts';
import type { DatasetKind, SideRoles, TimeUnit } from './request.ts';
import type { Columns } from './roles.ts';
import type { SniffedFile } from './sniff.ts';

/** A file and what its columns mean. */
export interface PlannedFile extends SniffedFile {
  roles: Columns;
  timeUnit: TimeUnit;
  /** Recorded with each interaction; none in a file of another part. */
  actions: ActionName[];
  /** Of every column, where the file is a click log; then `roles` has the user, the item and the time. */
  clicks: ClickRoles | null;
  /** Of the columns that describe an item or a user; null in a file of interactions. */
  side: SideRoles | null;
}

/** Which files an import reads, and as what. */
export interface ImportPlan {
  /** As the interactions are read. */
  kind: DatasetKind;
  /** Suggested name of the data set. */
  name: string;
  interactions: PlannedFile[];
  items: PlannedFile[];
  users: PlannedFile[];
  /** Data files found but not used. */
  ignored: string[];
}
