import type { LucideIcon } from 'lucide-react';
import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { type Action, isEnabled } from '../actions/action.ts';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** primary: what the user most likely wants; quiet: no frame. */
  kind?: 'normal' | 'primary' | 'danger' | 'quiet';
  /** Before its words, or alone in a button that has a name. */
  icon?: LucideIcon;
}

export function Button({ kind = 'normal', icon, type = 'button', className = '', ...rest }: ButtonProps) {
  return (
    <button type={type} className={`button ${className}`} data-kind={kind} {...rest}>
      {icon && <Icon of={icon} />}
      {rest.children}
    </button>
  );
}

interface ActionButtonProps extends Pick<ButtonProps, 'kind' | 'icon' | 'aria-label' | 'title'> {
  action: Omit<Action, 'id' | 'group'>;
  'data-narrow'?: string;
  /** Default: what the action is called. */
  children?: ReactNode;
}

/** A button that performs an action while it is available. */
export function ActionButton({ action, children, ...button }: ActionButtonProps) {
  const { icon, why, short = action.label } = action;
  const isOff = !isEnabled(action);
  return (
    <Button
      icon={icon}
      title={isOff ? why : undefined}
      {...button}
      disabled={isOff}
      onClick={() => void action.perform()}
    >
      {children ?? short}
    </Button>
  );
}

/** A picture beside words, or alone in a control that has a name. Butt caps and mitre joins go with the square tiles. */
export function Icon({ of: Shape }: { of: LucideIcon }) {
  return (
    <Shape
      className="icon rigid"
      size={16}
      strokeWidth={1.75}
      strokeLinecap="butt"
      strokeLinejoin="miter"
      aria-hidden="true"
    />
  );
}
