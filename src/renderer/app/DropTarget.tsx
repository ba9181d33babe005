import { Working } from '../components/Progress.tsx';
import { bytesText, durationText } from '../format/format.ts';
import { type Transfer, useDrops } from '../state/drops.ts';
import { useNow } from '../state/now.ts';

/** Lies over the window while files are dragged over it. */
export function DropTarget() {
  const over = useDrops((state) => state.over);
  if (!over) return null;
  return (
    <div className="drop-target grid">
      <p>
        Drop files or folders to import them: a data set, a plan, Semantic IDs, or runs and recommendations of
        other programs
      </p>
    </div>
  );
}

/** Dropped files on their way: how much, how fast, how long still, and how to stop it. */
export function TransferBanner() {
  const transfers = useDrops((state) => state.transfers);
  return transfers.map((transfer) => <TransferProgress key={transfer.id} transfer={transfer} />);
}

function TransferProgress({ transfer }: { transfer: Transfer }) {
  const now = useNow();
  const { sent, total, startedAt, cancel } = transfer;
  const rate = sent / Math.max(0.001, (now - startedAt) / 1000);
  const isTelling = sent > 0 && now - startedAt > 1000;
  const left = isTelling && sent < total ? `, about ${durationText((total - sent) / rate)} left` : '';
  return (
    <Working
      label="Uploading files"
      fraction={total === 0 ? 0 : sent / total}
      detail={`${bytesText(sent)} of ${bytesText(total)}${isTelling ? ` · ${bytesText(rate)}/s` : ''}${left}`}
      onCancel={cancel}
    />
  );
}
