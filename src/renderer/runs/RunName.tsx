import { createContext, useContext } from 'react';
import { labelText, nameOf, type RunRecord } from '../../core/api/runs.ts';

/** The runs that are shown together, which are named among each other. Memoise the list: it is named once. */
export const RunsShown = createContext<readonly RunRecord[]>([]);

/** What runs are called among those that are shown, in one line. */
export function useNames(): (run: RunRecord) => string {
  const among = useContext(RunsShown);
  return (run) => labelText(nameOf(run, among));
}

/** The same with what tells it from others in grey; its own name is at the pointer. */
export function RunName({ run }: { run: RunRecord }) {
  const { title, detail } = nameOf(run, useContext(RunsShown));
  return (
    <bdi title={run.name}>
      {title}
      {detail !== '' && <span className="regular muted"> {detail}</span>}
    </bdi>
  );
}
