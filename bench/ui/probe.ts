/** What measures inside a page: from what the user does to the frame that shows it. */

/** Runs in the page. */
interface Probe {
  /** Milliseconds from an action to the frame that shows its outcome. */
  until(action: () => void, done: () => boolean): Promise<number>;
  /** Milliseconds from an action to the first drawing of any figure, and to the last one, once none has followed for a while. */
  drawings(action: () => void): Promise<{ first: number; last: number }>;
  /** To the last one from the next release of the mouse. */
  drawingsOfRelease(): Promise<number>;
  /** Begins to note when frames are drawn, and whether something holds in them. */
  noteFrames(holds: () => boolean): void;
  /** Milliseconds from each noted frame to the next, and in how many it did not hold; ends it. */
  notedFrames(): { times: number[]; without: number };
}

declare global {
  interface Window {
    probe: Probe;
  }
}

/** Given to every page before its own scripts. */
export function installProbe(): void {
  let drawn = 0;
  let first: number | null = null;
  const isFigure = ({ target }: MutationRecord) =>
    target instanceof Element && target.closest('.figure-place') !== null;
  new MutationObserver((changes) => {
    if (!changes.some(isFigure)) return;
    drawn = performance.now();
    if (document.querySelector('.figure-place path')) first ??= drawn;
  }).observe(document, { childList: true, subtree: true });
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const painted = async () => {
    await frame();
    // The task after a frame runs when the frame has been handed on.
    await new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = resolve;
      port2.postMessage(null);
    });
  };
  const QUIET_MS = 600;
  const LIMIT_MS = 20_000;
  const lastDrawing = async (start: number) => {
    while (drawn <= start || performance.now() - drawn < QUIET_MS) {
      if (performance.now() - start > LIMIT_MS) throw new Error('nothing was drawn within 20 s');
      await frame();
    }
    return drawn - start;
  };
  let noted: { at: number[]; without: number; holds(): boolean } | null = null;
  const noteFrame = (time: number) => {
    if (!noted) return;
    noted.at.push(time);
    if (!noted.holds()) noted.without += 1;
    requestAnimationFrame(noteFrame);
  };
  window.probe = {
    noteFrames(holds) {
      noted = { at: [], without: 0, holds };
      requestAnimationFrame(noteFrame);
    },
    notedFrames() {
      const { at = [], without = 0 } = noted ?? {};
      noted = null;
      return { times: at.slice(1).map((time, nth) => time - at[nth]), without };
    },
    async until(action, done) {
      const start = performance.now();
      action();
      while (!done()) {
        if (performance.now() - start > LIMIT_MS) throw new Error('nothing came of it within 20 s');
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      await painted();
      return performance.now() - start;
    },
    async drawings(action) {
      const start = performance.now();
      first = null;
      action();
      const last = await lastDrawing(start);
      return { first: (first ?? drawn) - start, last };
    },
    async drawingsOfRelease() {
      const release = Promise.withResolvers<number>();
      const options = { capture: true, once: true };
      window.addEventListener('mouseup', () => release.resolve(performance.now()), options);
      return lastDrawing(await release.promise);
    },
  };
}
