/** Which of the windows of this browser this one is: a reload, or a window that is opened in its stead, has the same number. */

const KEPT = 'tessera-window';
/** The page before a reload may hold its number for a moment longer. */
const LEAVING_MS = 2_000;

const isFree = (number: number, options: LockOptions) =>
  new Promise<boolean>((resolve) => {
    const held = navigator.locks.request(`${KEPT} ${number}`, options, (lock) => {
      resolve(lock !== null);
      // As long as the window.
      return lock === null ? undefined : new Promise<void>(() => {});
    });
    held.catch(() => resolve(false));
  });

async function findNumber(): Promise<number> {
  // Where a page has none, there is one window.
  if (!navigator.locks) return 0;
  const kept = Number.parseInt(sessionStorage.getItem(KEPT) ?? '', 10);
  if (kept >= 0 && (await isFree(kept, { signal: AbortSignal.timeout(LEAVING_MS) }))) return kept;
  let number = 0;
  while (!(await isFree(number, { ifAvailable: true }))) number++;
  sessionStorage.setItem(KEPT, String(number));
  return number;
}

let found: Promise<number> | null = null;

/** Found when it is first asked for. */
export function windowNumber(): Promise<number> {
  found ??= findNumber();
  return found;
}
