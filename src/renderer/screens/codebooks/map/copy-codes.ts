import type { CodebookView, CodeMap } from '../../../../core/api/codebooks.ts';
import { type Column, column } from '../../../components/columns.ts';
import { copyText } from '../../../components/copy.ts';
import { tableText } from '../../../components/table-text.ts';
import { countText } from '../../../format/format.ts';
import { api, queryClient } from '../../../state/api.ts';
import { attempt } from '../../../state/toasts.ts';
import { blockOf } from './map-scene.ts';

type Row = ReturnType<typeof blockOf> & { code: number };

/** Puts the first codes with what their items are on the clipboard. */
export async function copyCodesOf(view: CodebookView): Promise<void> {
  await attempt('Could not copy the codes', async () => {
    const input = { ...view, root: [] };
    const map = await queryClient.fetchQuery(api.codebooks.codeMap.queryOptions({ input }));
    const rows = [...map.cells.keys()].map((code) => ({ code, ...blockOf(map, code) }));
    await copyText(tableText(columnsOf(map), rows, 'csv'), `Copied ${countText(rows.length, 'code')} as CSV`);
  });
}

function columnsOf({ categories }: CodeMap): Column<Row>[] {
  return [
    column('code', 'Code', 'number', ({ code }) => code),
    column('items', 'Items', 'number', ({ items }) => items),
    column('interactions', 'Interactions', 'number', ({ interactions }) => interactions),
    column('sharing', 'Share an ID', 'number', ({ sharing }) => sharing),
    column('category', 'Category', 'text', ({ kind }) => categories[kind]?.name ?? ''),
    column('share', 'Share of the category', 'metric', ({ share, kind }) => (kind < 0 ? null : share), 3),
  ];
}
