/** Acts once the window has painted what it shows now, and `ms` later; at once where it is hidden. Returns how to leave it. */
export function afterPaint(act: () => void, ms = 0): () => void {
  if (document.hidden) {
    act();
    return () => {};
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  const frame = requestAnimationFrame(() => {
    timer = setTimeout(act, ms);
  });
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}
