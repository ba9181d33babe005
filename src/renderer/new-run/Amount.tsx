/** A line of the estimate: what it is, and how much. */
export function Amount({ name, children }: { name: string; children: string }) {
  return (
    <>
      <span className="small muted">{name}</span>
      <strong className="medium small text-end">{children}</strong>
    </>
  );
}
