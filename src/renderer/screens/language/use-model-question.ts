/** What a pretrained model is asked about a member, and what it answers. */
import { useQuery } from '@tanstack/react-query';
import type { ModelAnswer, PromptPreview } from '../../../core/api/language.ts';
import { firstDatasets } from '../../new-run/draft.ts';
import { useLastChoice } from '../../new-run/new-run.ts';
import { api, type Query, useKeptQuery } from '../../state/api.ts';
import { useKept } from '../../state/navigation.ts';

/** As a run asks by itself. */
const USUAL = { template: '', shots: 20, context: 512 } as const;
const USERS_OFFERED = 20;

export interface ModelQuestion {
  /** That can be asked about: a click log has no histories. */
  datasets: readonly { id: string; name: string }[];
  /** Null where there is none. */
  dataset: string | null;
  keepDataset(id: string): void;
  users: readonly string[];
  keepUser(id: string): void;
  /** Of the user before until the next one is there. */
  preview: Query<PromptPreview>;
  /** Whether the preview is of what is chosen. */
  isCurrent: boolean;
  /** Of the user who is shown, once it was asked. */
  answer: Query<ModelAnswer>;
  isAsking: boolean;
  ask(): void;
}

/** `isReadable`: its tokenizer is. What was asked stays answered while the user and the data set change and come back. */
export function useModelQuestion(path: string, isReadable: boolean): ModelQuestion {
  const all = useQuery(api.datasets.list.queryOptions());
  const datasets = all.data?.filter(({ clicks }) => !clicks) ?? [];
  const [last, , isRead] = useLastChoice();
  const [kept, keepDataset] = useKept('data');
  const [keptUser, keepUser] = useKept('user');
  const first = isRead ? firstDatasets({}, datasets, last)[0]?.id : undefined;
  const dataset = datasets.find(({ id }) => id === kept)?.id ?? first ?? null;
  // One that was chosen in a data set that is gone is none of another.
  const user = kept === null || kept === dataset ? keptUser : null;
  const enabled = dataset !== null && isReadable;
  const asked = { dataset: dataset ?? '' };
  const question = { ...asked, ...USUAL, user: user ?? '', weights: path };
  const users = useQuery({
    ...api.datasets.users.queryOptions({ input: { ...asked, limit: USERS_OFFERED } }),
    enabled,
  });
  const preview = useKeptQuery({
    ...api.language.preview.queryOptions({ input: { ...question, task: 'like' } }),
    enabled,
  });
  // It takes seconds and the memory of the whole model: only once it is asked for.
  const answer = useQuery({ ...api.language.ask.queryOptions({ input: question }), enabled: false });
  const shown = preview.data && !preview.error ? [preview.data.user] : [];
  return {
    ...{ datasets, dataset, preview, answer, isAsking: answer.isFetching },
    keepDataset: (id) => {
      keepDataset(id);
      keepUser(null);
    },
    // Which data set is shown where none is kept changes with the last choice.
    keepUser: (id) => {
      keepDataset(dataset);
      keepUser(id);
    },
    users: [...new Set([...shown, ...(users.data ?? []).map(({ id }) => id)])],
    isCurrent: enabled && preview.isSuccess && !preview.isPlaceholderData,
    ask: () => void answer.refetch(),
  };
}
