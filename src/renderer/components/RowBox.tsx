/** How a box stands for several rows. */
export type BoxState = boolean | 'mixed';

interface RowBoxProps {
  label: string;
  state: BoxState;
  /** Left out where the grid takes the click and the keyboard. */
  onCheck?(on: boolean): void;
}

/** The box of a row, or of several: a dash where some of them are checked. */
export function RowBox({ label, state, onCheck }: RowBoxProps) {
  return (
    <input
      type="checkbox"
      className="row-check"
      aria-label={label}
      tabIndex={onCheck ? undefined : -1}
      readOnly={!onCheck}
      checked={state === true}
      ref={(box) => {
        if (box) box.indeterminate = state === 'mixed';
      }}
      onChange={() => onCheck?.(state !== true)}
      onFocus={(event) => !onCheck && event.currentTarget.closest<HTMLElement>('.table')?.focus()}
    />
  );
}
