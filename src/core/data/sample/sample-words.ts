/** Words from which the sample set's titles are put together. */

const words = (list: string) => list.split(' ');

export const GENRES = words('Comedy Drama Mystery Adventure Romance Fantasy Documentary Space Western Music');

export const ADJECTIVES = words(
  'Amber Brave Broken Crimson Distant Electric Forgotten Gentle Golden Hidden ' +
    'Hollow Iron Last Little Lonely Midnight Paper Quiet Restless Second ' +
    'Silent Silver Slow Stolen Strange Tall Velvet Wandering Winter Young',
);

export const NOUNS = words(
  'Anchor Archive Bakery Bridge Canyon Clock Compass Daughter Engine Ferry ' +
    'Garden Harbour Horizon Island Lantern Letter Lighthouse Map Mirror Mountain ' +
    'Orchard Orchestra Pilot Planet River Road Station Storm Summer Tide ' +
    'Tower Train Valley Village Voyage Wall Window Witness Wolf Workshop',
);

export const NUMERALS = ['', ' II', ' III', ' IV', ' V', ' VI', ' VII', ' VIII'];
