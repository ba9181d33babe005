import { Dialog as Radix } from 'radix-ui';
import type { CSSProperties, ReactNode } from 'react';

export interface DialogProps {
  title: string;
  open: boolean;
  onOpenChange(open: boolean): void;
  children: ReactNode;
  /** Buttons, the one that does it last. */
  foot?: ReactNode;
  /** Pixels; 560 unless told. */
  width?: number;
  /** The children are the whole body, with scrolling and feet of their own; a click beside it does not close it. */
  bare?: boolean;
}

/** A modal dialog: Escape closes it, the focus stays in it and goes back after. */
export function Dialog({ title, open, onOpenChange, children, foot, width = 560, bare }: DialogProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="dialog-overlay" />
        <Radix.Content
          className="dialog"
          data-bare={bare}
          onInteractOutside={(event) => {
            if (bare) event.preventDefault();
          }}
          aria-describedby={undefined}
          style={{ '--dialog-width': `${width}px` } as CSSProperties}
        >
          <Radix.Title className="dialog-title">{title}</Radix.Title>
          {bare ? children : <div className="dialog-body">{children}</div>}
          {foot && <div className="dialog-foot">{foot}</div>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
