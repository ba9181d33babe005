import type { CategoryChoice, CodebookFacts } from '../../../../core/api/codebooks.ts';
import { useRegisteredActions } from '../../../actions/registry.ts';
import { Segments } from '../../../components/Segments.tsx';
import { Select } from '../../../components/Select.tsx';
import { useWorkbench } from '../workbench.ts';
import { useMapColour } from './use-code-map.ts';

/** Columns of the data set that items can be coloured by, beside the usual one. */
const MORE_COLUMNS = 2;

interface ColourOption {
  value: string;
  label: string;
  choose(): void;
}

/** What the tiles of the map are coloured by: buttons, and in a narrow window a list. */
export function ColourChoice() {
  const { facts, category, change, place } = useWorkbench();
  const [colour, setColour] = useMapColour();
  const byColumn = columnsOf(facts).map(
    (name): ColourOption => ({
      value: `column ${name}`,
      label: name === facts.category?.column ? 'Category' : capital(name),
      choose() {
        const { tint: _, ...look } = place.look;
        change({ category: choiceOf(facts, name), look });
      },
    }),
  );
  const options: ColourOption[] = [
    ...byColumn,
    { value: 'interactions', label: 'Interactions', choose: () => setColour('interactions') },
    { value: 'collisions', label: 'Collisions', choose: () => setColour('collisions') },
  ];
  const value = colour === 'category' ? `column ${category?.column ?? ''}` : colour;
  const choose = (next: string) => options.find((option) => option.value === next)?.choose();
  const at = options.findIndex((option) => option.value === value);
  useRegisteredActions([
    {
      ...{ id: 'codebooks.colour', label: 'Next colour of the map', group: 'View', shortcut: 'c' },
      perform: () => options[(at + 1) % options.length].choose(),
    },
  ]);
  return (
    <span className="row muted small">
      Colour
      <Segments
        className="wide-only"
        label="Colour of the tiles"
        choices={options}
        value={value}
        onValue={choose}
      />
      <span className="narrow-only">
        <Select aria-label="Colour" value={value} choices={options} onValue={choose} />
      </span>
    </span>
  );
}

function columnsOf({ columns, category }: CodebookFacts): string[] {
  const names = columns.map(({ name }) => name).filter((name) => name !== category?.column);
  return [...(category ? [category.column] : []), ...names.slice(0, MORE_COLUMNS)];
}

function choiceOf(facts: CodebookFacts, column: string): CategoryChoice | undefined {
  return column === facts.category?.column ? undefined : { column, depth: 1 };
}

const capital = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);
