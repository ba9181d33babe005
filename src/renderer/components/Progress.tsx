import { Button } from './Button.tsx';

interface ProgressProps {
  label: string;
  fraction: number;
  /** In words at what rate, and how long it will take. Default: the percentage. */
  detail?: string;
}

/** How much of long work is done. */
export function Progress({ label, fraction, detail }: ProgressProps) {
  const percent = Math.round(100 * Math.min(1, Math.max(0, fraction)));
  return (
    <div className="progress">
      <div className="chart-head">
        <span>{label}</span>
        <span className="muted">{detail ?? `${percent} %`}</span>
      </div>
      <div
        className="progress-track"
        role="progressbar"
        aria-label={label}
        aria-valuenow={percent}
        aria-valuemin={0}
        aria-valuemax={100}
      >
        <div className="progress-bar tall" style={{ width: `${percent}%` }} />
      </div>
    </div>
  );
}

interface WorkingProps extends ProgressProps {
  onCancel(): void;
  /** On the button. Default: "Cancel". */
  cancel?: string;
  className?: string;
}

/** Long work, and how to stop it. */
export function Working({
  onCancel,
  cancel = 'Cancel',
  className = 'bar-inset line-below',
  ...progress
}: WorkingProps) {
  return (
    <div className={`grid last-fits middle gap-4 ${className}`}>
      <Progress {...progress} />
      <Button onClick={onCancel}>{cancel}</Button>
    </div>
  );
}
