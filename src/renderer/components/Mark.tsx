/** The mark: one coarse tile, then finer ones; an item written as a Semantic ID. Sharp at multiples of 16 pixels. */
export function Mark({ size }: { size: 16 | 32 | 48 }) {
  return (
    <svg viewBox="0 0 16 16" width={size} height={size} aria-hidden="true">
      <path fill="var(--mark-coarse)" d="M0 0h10v10H0z" />
      <path fill="var(--mark-middle)" d="M12 0h4v4h-4zM6 12h4v4H6z" />
      <path fill="var(--mark-fine)" d="M12 6h4v4h-4zM0 12h4v4H0z" />
      <path fill="var(--mark-gold)" d="M12 12h4v4h-4z" />
    </svg>
  );
}
