import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { type Action, isEnabled } from '../actions/action.ts';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** primary: what the user most likely wants; quiet: no frame. */
  kind?: 'normal' | 'primary' | 'danger' | 'quiet';
}

export function Button({ kind = 'normal', type = 'button', className = '', ...rest }: ButtonProps) {
  return <button type={type} className={`button ${className}`} data-kind={kind} {...rest} />;
}

interface ActionButtonProps extends Pick<ButtonProps, 'kind' | 'aria-label' | 'title'> {
  action: Pick<Action, 'enabled' | 'perform'>;
  'data-narrow'?: string;
  children: ReactNode;
}

/** A button that performs an action while it is available. */
export function ActionButton({ action, children, ...button }: ActionButtonProps) {
  return (
    <Button {...button} disabled={!isEnabled(action)} onClick={() => void action.perform()}>
      {children}
    </Button>
  );
}
