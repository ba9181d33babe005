/** Long work: how much is done, and in words at what rate and how long it will take. */
export function Progress({ label, fraction, detail }: { label: string; fraction: number; detail?: string }) {
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
        <div className="progress-bar" style={{ width: `${percent}%` }} />
      </div>
    </div>
  );
}
