import type { ButtonHTMLAttributes } from 'react';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** primary: what the user most likely wants; quiet: no frame. */
  kind?: 'normal' | 'primary' | 'danger' | 'quiet';
}

export function Button({ kind = 'normal', type = 'button', className = '', ...rest }: ButtonProps) {
  return <button type={type} className={`button ${className}`} data-kind={kind} {...rest} />;
}
