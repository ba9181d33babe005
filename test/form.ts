/**
 * In which form the tests run. `npm test` has the short one: of tables whose cases repeat one another it tries some, others every day, and of
 * each property a part of the runs. `npm run test:all`, as in CI, has all of them.
 */
export const isWhole = process.env.TESSERA_TESTS === 'all';

/** What is drawn is the same all day, so that a fault can be looked for, and another the next. TESSERA_DAY takes another day's. */
export const DAY = Number(process.env.TESSERA_DAY ?? Math.floor(Date.now() / 86_400_000));

/** All cases in the whole form, else so many of them. */
export function some<T>(cases: readonly T[], count: number): T[] {
  if (isWhole || cases.length <= count) return [...cases];
  const step = cases.length / count;
  return Array.from({ length: count }, (_, at) => cases[(DAY + Math.floor(at * step)) % cases.length]);
}

/** How often to try a property whose every run takes long. */
export function runs(count: number): number {
  return isWhole ? count : Math.ceil(count / 3);
}
