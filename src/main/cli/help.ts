import { Help, type Option } from 'commander';

/** Examples for the end of a command's help. */
export function examples(...lines: string[]): string {
  return ['', lines.length > 1 ? 'Examples:' : 'Example:', ...lines.map((line) => `  ${line}`)].join('\n');
}

/** Describes an option; a list default is shown as it is written on the command line. */
export function optionDescription(option: Option): string {
  if (Array.isArray(option.defaultValue)) option.defaultValueDescription ??= option.defaultValue.join(',');
  return Help.prototype.optionDescription(option);
}
