import type { LucideIcon } from 'lucide-react';

/** A picture beside words, or alone in a control that has a name. Butt caps and mitre joins go with the square tiles. */
export function Icon({ of: Shape }: { of: LucideIcon }) {
  return (
    <Shape
      className="icon rigid"
      size={16}
      strokeWidth={1.75}
      strokeLinecap="butt"
      strokeLinejoin="miter"
      aria-hidden="true"
    />
  );
}
