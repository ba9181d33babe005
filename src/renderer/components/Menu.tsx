import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';

export interface MenuChoice {
  label: string;
  shortcut?: string;
  disabled?: boolean;
  onSelect(): void;
}

/** A button with a menu; null draws a line. */
export function Menu({ trigger, choices }: { trigger: ReactNode; choices: readonly (MenuChoice | null)[] }) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={4}>
          {choices.map((choice, index) =>
            choice === null ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity of their own
              <DropdownMenu.Separator key={`line ${index}`} className="menu-line" />
            ) : (
              <DropdownMenu.Item
                key={choice.label}
                className="menu-item"
                disabled={choice.disabled}
                onSelect={choice.onSelect}
              >
                <span>{choice.label}</span>
                {choice.shortcut && <kbd>{choice.shortcut}</kbd>}
              </DropdownMenu.Item>
            ),
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
