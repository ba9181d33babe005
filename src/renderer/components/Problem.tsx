import { isUserError, problemText } from '../state/api.ts';
import { Button } from './Button.tsx';

/** What went wrong with a question to the api, in place of its answer. */
export function Problem({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  return (
    <div className="problem" role="alert">
      <p>{problemText(error)}</p>
      {onRetry && !isUserError(error) && <Button onClick={onRetry}>Try again</Button>}
    </div>
  );
}
