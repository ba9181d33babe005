import { useQuery } from '@tanstack/react-query';
import { Missing } from '../../components/Screen.tsx';
import { Select } from '../../components/Select.tsx';
import { countText, grouped } from '../../format/format.ts';
import { firstDataset } from '../../new-run/draft.ts';
import { useLastChoice } from '../../new-run/new-run.ts';
import { api, useKeptQuery } from '../../state/api.ts';
import { useKept } from '../../state/navigation.ts';
import { PromptText } from './PromptText.tsx';

/** As a run asks by itself. */
const USUAL = { template: '', task: 'like', shots: 20, context: 512 } as const;
const USERS_OFFERED = 20;

/** What a pretrained model reads when it is asked about a member: its own chat template, and the history in it. */
export function ModelQuestion({ path }: { path: string }) {
  const all = useQuery(api.datasets.list.queryOptions());
  const datasets = all.data?.filter(({ clicks }) => !clicks) ?? [];
  const [last, , isRead] = useLastChoice();
  const [kept, keepDataset] = useKept('data');
  const [user, keepUser] = useKept('user');
  const first = isRead ? firstDataset({}, datasets, last)?.id : undefined;
  const dataset = datasets.find(({ id }) => id === kept)?.id ?? first ?? null;
  const asked = { dataset: dataset ?? '' };
  const users = useQuery({
    ...api.datasets.users.queryOptions({ input: { ...asked, limit: USERS_OFFERED } }),
    enabled: dataset !== null,
  });
  const preview = useKeptQuery({
    ...api.language.preview.queryOptions({ input: { ...asked, ...USUAL, user: user ?? '', weights: path } }),
    enabled: dataset !== null,
  });
  const { data } = preview;
  if (dataset === null) return null;
  const choices = [...new Set([...(data ? [data.user] : []), ...(users.data ?? []).map(({ id }) => id)])];
  return (
    <section className="stack gap-1" aria-label="A question in its template">
      <h2 className="row">
        A question in its template
        {data && <span className="muted push regular small">{grouped(data.tokens)} tokens</span>}
      </h2>
      <div className="row">
        <Select
          aria-label="Data set"
          value={dataset}
          choices={datasets.map(({ id, name }) => ({ value: id, label: name }))}
          onValue={(id) => {
            keepDataset(id);
            keepUser(null);
          }}
        />
        {data && (
          <Select
            aria-label="User"
            value={data.user}
            choices={choices.map((id) => ({ value: id, label: `User ${id}` }))}
            onValue={keepUser}
          />
        )}
      </div>
      {data && !preview.error ? (
        <>
          <PromptText parts={data.parts} />
          <p className="small muted">
            {countText(data.shown, 'past interaction')}
            {data.dropped > 0 && `, ${countText(data.dropped, 'older one')} left out`}. The answer is “
            {data.template.answers.yes}” or “{data.template.answers.no}”.
          </p>
        </>
      ) : (
        <Missing query={preview}>Reading its words</Missing>
      )}
    </section>
  );
}
