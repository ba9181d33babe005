/** Time limits of jobs, as job options write them. */

/** Of a time limit, where a number alone is minutes, and hours follow days: "90", "1-12". Without one it never ends; NaN where it is none. */
export function limitSeconds(limit: string | null): number {
  if (limit === null) return Number.POSITIVE_INFINITY;
  const [days, rest] = limit.includes('-') ? limit.split('-') : ['0', limit];
  const parts = rest.split(':').map(Number);
  const [hours, minutes, seconds] = limit.includes('-') || parts.length === 3 ? parts : [0, ...parts];
  return ((Number(days) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0);
}

/** How long before its end a job is told, in seconds; half of a short limit. */
export function warningSeconds(limit: number): number {
  return Math.min(120, limit / 2);
}
