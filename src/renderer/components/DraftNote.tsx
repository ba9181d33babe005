import { Button } from './Button.tsx';

/** That what was typed is kept, also where its form is closed, and how to begin anew. */
export function DraftNote({ className = '', onDiscard }: { className?: string; onDiscard(): void }) {
  return (
    <span className={`row gap-2 ${className}`}>
      <span className="muted">Draft saved</span>
      <Button kind="quiet" onClick={onDiscard}>
        Discard
      </Button>
    </span>
  );
}
