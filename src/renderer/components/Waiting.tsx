/** What a screen or panel waits for, in words once the wait can be felt. */
export function Waiting({ children }: { children: string }) {
  return (
    <p className="muted waiting" role="status">
      {children}
    </p>
  );
}
