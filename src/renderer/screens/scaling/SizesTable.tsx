import { percentText, type StudyPoint } from '../../../core/api/studies.ts';
import { type Column, column } from '../../components/columns.ts';
import { Table } from '../../components/Table.tsx';

interface Size {
  label: string;
  nonEmbedding: number;
  /** By share, over seeds. */
  cells: Map<number, { loss: number | null; ndcg: number | null }>;
}

/** The means over seeds of each size, a pair of columns a share of the users; the best of each in bold. */
export function SizesTable({ points }: { points: readonly StudyPoint[] }) {
  const shares = [...new Set(points.map(({ share }) => share))].sort((a, b) => a - b);
  const sizes = [...Map.groupBy(points, ({ size }) => size)].map(([, cells]): Size => {
    const [{ label, nonEmbedding }] = cells;
    const means = shares.map((share) => {
      const same = cells.filter((cell) => cell.share === share);
      return [share, { loss: meanOf(same, 'crossEntropy'), ndcg: meanOf(same, 'ndcg') }] as const;
    });
    return { label, nonEmbedding, cells: new Map(means) };
  });
  const value = (share: number, of: 'loss' | 'ndcg') => (size: Size) => size.cells.get(share)?.[of] ?? null;
  const measured = (share: number, of: 'loss' | 'ndcg', title: string): Column<Size>[] => {
    const values = sizes.flatMap((size) => value(share, of)(size) ?? []);
    if (values.length === 0) return [];
    const best = of === 'loss' ? Math.min(...values) : Math.max(...values);
    return [
      column<Size, 'metric'>(
        `${of} ${share}`,
        `${title} (${percentText(share)})`,
        'metric',
        value(share, of),
        {
          render: (size) => {
            const own = value(share, of)(size);
            const text = own === null ? '–' : own.toFixed(4);
            return own === best && values.length > 2 ? <strong>{text}</strong> : text;
          },
        },
      ),
    ];
  };
  const columns: Column<Size>[] = [
    column('size', 'Size', 'text', ({ label }) => label),
    column('n', 'N', 'count', ({ nonEmbedding }) => nonEmbedding),
    ...shares.flatMap((share) => [
      ...measured(share, 'loss', 'Cross-entropy'),
      ...measured(share, 'ndcg', 'NDCG@10'),
    ]),
  ];
  return (
    <section className="stack">
      <Table title="Sizes" columns={columns} rows={sizes} rowKey={({ label }) => label} />
    </section>
  );
}

function meanOf(cells: readonly StudyPoint[], key: 'crossEntropy' | 'ndcg'): number | null {
  const values = cells.flatMap((cell) => cell[key] ?? []);
  return values.length === 0 ? null : values.reduce((sum, one) => sum + one, 0) / values.length;
}
