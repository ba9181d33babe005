import { Check, ChevronDown } from 'lucide-react';
import { Select as List } from 'radix-ui';
import { useState } from 'react';
import { useLayer } from '../state/layers.ts';
import { Icon } from './Button.tsx';

export interface Choice<T extends string> {
  value: T;
  label: string;
  disabled?: boolean;
  /** Heading that it stands under; choices of one group follow each other. */
  group?: string;
}

interface SelectProps<T extends string> {
  value: T;
  choices: readonly Choice<T>[];
  onValue(value: NoInfer<T>): void;
  id?: string;
  'aria-label'?: string;
  'aria-describedby'?: string;
  'aria-invalid'?: boolean;
}

/** A list's own value may not be empty; that of a choice may. */
const MARK = '=';

/** One choice of a list that opens below it. Without a visible label; give it `aria-label`. */
export function Select<T extends string>({ value, choices, onValue, ...control }: SelectProps<T>) {
  const [open, setOpen] = useState(false);
  useLayer(open, 'menu');
  const take = (marked: string) => {
    const chosen = choices.find((choice) => MARK + choice.value === marked);
    if (chosen && chosen.value !== value) onValue(chosen.value);
  };
  return (
    <List.Root open={open} onOpenChange={setOpen} value={MARK + value} onValueChange={take}>
      <List.Trigger className="input select row gap-2" data-choice={value} {...control}>
        <span className="clip fill">
          <List.Value>{choices.find((choice) => choice.value === value)?.label ?? value}</List.Value>
        </span>
        <Icon of={ChevronDown} />
      </List.Trigger>
      {open && (
        <List.Portal>
          <List.Content
            className="popover select-list column"
            position="popper"
            sideOffset={4}
            collisionPadding={8}
          >
            <List.Viewport className="list-rows fill">
              {groupsOf(choices).map(({ group, members }) => (
                <List.Group key={group ?? ''}>
                  {group !== undefined && (
                    <List.Label className="list-heading small muted">{group}</List.Label>
                  )}
                  {members.map((choice) => (
                    <Option key={choice.value} {...choice} />
                  ))}
                </List.Group>
              ))}
            </List.Viewport>
          </List.Content>
        </List.Portal>
      )}
    </List.Root>
  );
}

function Option({ value, label, disabled }: Choice<string>) {
  return (
    <List.Item
      className="list-row row gap-2"
      value={MARK + value}
      data-choice={value}
      disabled={disabled}
      textValue={label}
    >
      <span className="select-mark">
        <List.ItemIndicator>
          <Icon of={Check} />
        </List.ItemIndicator>
      </span>
      <List.ItemText>{label}</List.ItemText>
    </List.Item>
  );
}

function groupsOf<T extends string>(choices: readonly Choice<T>[]) {
  const groups = [...new Set(choices.map(({ group }) => group))];
  return groups.map((group) => ({ group, members: choices.filter((choice) => choice.group === group) }));
}
