/** Acts once the window has painted what it shows now, and `ms` later; returns how to leave it. */
export function afterPaint(act: () => void, ms = 0): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = () => {
    timer = setTimeout(act, ms);
  };
  // A window that is hidden paints nothing.
  const frame = document.hidden ? wait() : requestAnimationFrame(wait);
  return () => {
    if (frame) cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}
