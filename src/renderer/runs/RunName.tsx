import { nameOf, type RunRecord } from '../../core/api/runs.ts';

interface RunNameProps {
  run: RunRecord;
  /** With it those that it is shown with. Memoise them: they are named once. */
  among: readonly RunRecord[];
}

/** What a run is called among others; its own name is at the pointer. */
export function RunName({ run, among }: RunNameProps) {
  const { title, detail } = nameOf(run, among);
  return (
    <bdi title={run.name}>
      {title}
      {detail !== '' && <span className="run-detail muted"> {detail}</span>}
    </bdi>
  );
}
