import { useMemo } from 'react';
import { useChartColours } from '../../../charts/use-chart-colours.ts';
import { countText } from '../../../format/format.ts';
import type { Query } from '../../../state/api.ts';
import { mapLegend } from '../map/map-legend.ts';
import { mapScene } from '../map/map-scene.ts';
import { pictureLead, pictureNumbers, pictureTitle, shapeText } from '../map/map-words.ts';
import { useCodeMap, useMapColour, useMapPlace } from '../map/use-code-map.ts';
import { useWorkbench } from '../workbench.ts';
import type { PictureContent } from './picture.ts';

/** Blocks of 44 pixels with tiles of 3: in a picture of 1920 × 1080 tiles of 3.75. */
const WIDTH = 734;

/** What a picture of the tab shows: the map as it is coloured, on Collisions by what shares an ID. */
export function usePicture(): Query<PictureContent> & { fileName: string } {
  const { facts, place } = useWorkbench();
  const { root } = useMapPlace();
  const [chosen] = useMapColour();
  const colours = useChartColours();
  const isCollisions = place.view === 'collisions';
  const map = useCodeMap(isCollisions ? [] : root);
  const { data } = map;
  const colour = isCollisions ? 'collisions' : chosen;
  const content = useMemo((): PictureContent | undefined => {
    if (!data) return undefined;
    return {
      title: isCollisions
        ? `${countText(data.sharing, 'item')} of ${facts.dataset.name} share an ID`
        : pictureTitle(data, facts.levels),
      lead: pictureLead(data, facts.dataset.name),
      numbers: pictureNumbers(data),
      legend: mapLegend(data, colour, colours),
      source: `${facts.name}, ${shapeText(facts.codebookSizes)} · seed ${facts.seed} · Tessera`,
      drawing: mapScene({ map: data, colour }, WIDTH, colours),
    };
  }, [data, isCollisions, facts, colour, colours]);
  return { data: content, error: map.error, refetch: map.refetch, fileName: `${facts.name}-${place.view}` };
}
