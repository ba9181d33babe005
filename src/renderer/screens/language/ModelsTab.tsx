import { useQuery } from '@tanstack/react-query';
import type { KeptModel } from '../../../core/api/language.ts';
import { column } from '../../components/columns.ts';
import { EmptyState, Missing } from '../../components/Screen.tsx';
import { Table } from '../../components/Table.tsx';
import { api } from '../../state/api.ts';
import { routeLink } from '../../state/navigation.ts';

const COLUMNS = [
  column<KeptModel>('name', 'Model', 'text', ({ name }) => name, {
    grows: true,
    render: ({ name, path }) => <a href={routeLink('language', ['model', path])}>{name}</a>,
  }),
  column<KeptModel>('size', 'Size', 'bytes', ({ bytes }) => bytes),
];

/** Pretrained models that the data folder keeps. */
export function ModelsTab() {
  const models = useQuery(api.language.models.queryOptions());
  if (!models.data) return <Missing query={models} />;
  if (models.data.length === 0)
    return (
      <EmptyState
        title="No pretrained model yet"
        text="Drop a GGUF file, or a folder with config.json, tokenizer.json and safetensors, anywhere on the window: it says what the model is and takes before anything is saved."
      />
    );
  return (
    <div className="stack page-inset scrolls">
      <Table label="Pretrained models" columns={COLUMNS} rows={models.data} rowKey={({ path }) => path} />
    </div>
  );
}
