import { Help, type Option } from 'commander';

/** The examples at the end of a command's help. */
export function examples(...lines: string[]): string {
  return ['', lines.length > 1 ? 'Examples:' : 'Example:', ...lines.map((line) => `  ${line}`)].join('\n');
}

/** What an option is for, with a list among the defaults as it is written on the command line. */
export function optionDescription(option: Option): string {
  if (Array.isArray(option.defaultValue)) option.defaultValueDescription ??= option.defaultValue.join(',');
  return Help.prototype.optionDescription(option);
}
