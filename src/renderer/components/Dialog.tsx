import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import type { CSSProperties, ReactNode } from 'react';
import { useLayer } from '../state/layers.ts';
import { Button } from './Button.tsx';
import { DialogFoot } from './Toasts.tsx';

export interface DialogProps {
  title: string;
  /** Default: true, for dialogs that are there only while they are open. */
  open?: boolean;
  onClose(): void;
  children: ReactNode;
  /** A button before the others that closes the dialog without doing anything. */
  cancel?: string;
  /** Buttons, the main one last. */
  foot?: ReactNode;
  /** Width in pixels. Default: 560. */
  width?: number;
  /** The children are the whole of it, scrolling, head and feet included; a click beside it does not close it. */
  bare?: boolean;
}

/** A modal dialog: Escape closes it, the focus stays in it and goes back after. */
export function Dialog(props: DialogProps) {
  const { title, open = true, onClose, children, cancel, foot, width = 560, bare } = props;
  const leave = useLayer(open);
  return (
    <Radix.Root open={open} onOpenChange={(next) => next || onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="dialog-overlay" />
        <Radix.Content
          className="dialog column"
          data-bare={bare}
          onCloseAutoFocus={(event) => {
            // Radix knows the buttons that are its own triggers alone.
            event.preventDefault();
            leave();
          }}
          onEscapeKeyDown={(event) => {
            // It ends what is typed there, and the next one closes the dialog.
            if (document.activeElement?.matches('.inline-name')) event.preventDefault();
          }}
          onInteractOutside={(event) => {
            if (bare) event.preventDefault();
          }}
          aria-describedby={undefined}
          style={{ '--dialog-width': `${width}px` } as CSSProperties}
        >
          <Radix.Title className={bare ? 'visually-hidden' : 'dialog-title title'}>{title}</Radix.Title>
          {bare ? children : <div className="dialog-body fill scrolls">{children}</div>}
          {(foot || !bare) && (
            <DialogFoot>
              {cancel && foot && <Button onClick={onClose}>{cancel}</Button>}
              {foot}
            </DialogFoot>
          )}
          {!bare && <CloseButton onClose={onClose} />}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Last in the order of the keyboard, which begins with what the dialog is about. */
function CloseButton({ onClose }: Pick<DialogProps, 'onClose'>) {
  return (
    <Button
      icon={X}
      kind="quiet"
      className="dialog-close"
      aria-label="Close"
      title="Close"
      onClick={onClose}
    />
  );
}

interface DialogHeadProps {
  title: string;
  onClose(): void;
  /** Beside the title. */
  children?: ReactNode;
}

/** The head of a dialog that brings its own. */
export function DialogHead({ title, onClose, children }: DialogHeadProps) {
  return (
    <header className="dialog-head row gap-6 rigid line-below">
      <span className="title" aria-hidden="true">
        {title}
      </span>
      {children}
      <CloseButton onClose={onClose} />
    </header>
  );
}
