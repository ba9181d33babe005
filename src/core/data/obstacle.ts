import type { Fix } from '../errors.ts';

/** Why a data set does not suit a model or a setting; the texts come after "it". */
export interface Obstacle {
  /** Short enough for a list of choices: "needs users' histories". */
  missing: string;
  /** What of the data set makes it so: "and a click log has rows with labels". */
  detail?: string;
  fix: Fix;
}

/** Without what to do. */
export function obstacleText({ missing, detail }: Obstacle): string {
  return detail === undefined ? missing : `${missing}, ${detail}`;
}
