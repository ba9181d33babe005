/** Hosts in words, for the window and the command line. */

interface Checked {
  lines: readonly { state: 'ok' | 'note' | 'problem' }[];
}

/** What a check came to, as it stands behind a host's name: "is ready", and "one thing to know". */
export function hostVerdict(report: Checked | null): { fact: string; limit: string | null } {
  if (report === null) return { fact: 'has not been checked', limit: null };
  const count = (state: Checked['lines'][number]['state']) =>
    report.lines.filter((line) => line.state === state).length;
  const [problems, notes] = [count('problem'), count('note')];
  if (problems > 0)
    return { fact: 'is not ready', limit: problems === 1 ? 'one problem' : `${problems} problems` };
  const limit = notes === 1 ? 'one thing to know' : `${notes} things to know`;
  return { fact: 'is ready', limit: notes === 0 ? null : limit };
}

/** "Packages, 42 %" */
export function hostProgressText({
  what,
  done,
  total,
}: {
  what: string;
  done: number;
  total: number;
}): string {
  return total > 1 ? `${what}, ${Math.floor((100 * done) / total)} %` : what;
}
