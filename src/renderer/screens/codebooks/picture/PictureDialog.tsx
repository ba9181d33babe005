import { useEffect, useMemo, useState } from 'react';
import { z } from 'zod';
import { nameOf } from '../../../../core/api/runs.ts';
import { pdfOf, pngOf, typefaceFor } from '../../../charts/picture.ts';
import { useChartColours } from '../../../charts/use-chart-colours.ts';
import { Button } from '../../../components/Button.tsx';
import { TextField } from '../../../components/controls.tsx';
import { saveFile } from '../../../components/copy.ts';
import { Dialog } from '../../../components/Dialog.tsx';
import { DraftNote } from '../../../components/DraftNote.tsx';
import { Missing } from '../../../components/Screen.tsx';
import { Segments } from '../../../components/Segments.tsx';
import { useForm } from '../../../components/use-form.ts';
import { countText } from '../../../format/format.ts';
import type { Query } from '../../../state/api.ts';
import { attempt } from '../../../state/toasts.ts';
import { mapLegend } from '../map/map-legend.ts';
import { mapScene } from '../map/map-scene.ts';
import { pictureLead, pictureNumbers, pictureTitle, shapeText } from '../map/map-words.ts';
import { useCodeMap, useMapColour, useMapPlace } from '../map/use-code-map.ts';
import { useWorkbench } from '../workbench.ts';
import { type PictureContent, type PictureShape, pictureSvg, SHAPES } from './picture.ts';

const CHOICES = Object.entries(SHAPES) as [PictureShape, (typeof SHAPES)[PictureShape]][];

const draft = z.object({ title: z.string() });

/** What is shown as a picture for a talk, a post or a page: its title can be written, the rest follows the screen. */
export function PictureDialog({ onClose }: { onClose(): void }) {
  const picture = usePicture();
  return (
    <Dialog title="Picture" width={760} onClose={onClose}>
      {picture.data ? (
        <Editor content={picture.data} fileName={picture.fileName} />
      ) : (
        <Missing query={picture} />
      )}
    </Dialog>
  );
}

function Editor({ content, fileName }: { content: PictureContent; fileName: string }) {
  const colours = useChartColours();
  const form = useForm(`picture ${fileName}`, draft, { title: content.title });
  const { title } = form.typed;
  const [shape, setShape] = useState<PictureShape>('wide');
  const [style, setStyle] = useState('');
  const text = `${JSON.stringify({ ...content, title })}…`;
  useEffect(() => {
    let isShown = true;
    void typefaceFor(text).then((known) => isShown && setStyle(known));
    return () => {
      isShown = false;
    };
  }, [text]);
  const svg = useMemo(
    () => pictureSvg(shape, { ...content, title }, colours, style),
    [shape, content, title, colours, style],
  );
  const save = (kind: 'png' | 'svg' | 'pdf') => () =>
    void attempt('Could not save the picture', async () => {
      const size = SHAPES[shape];
      const plain = () => pictureSvg(shape, { ...content, title }, colours, '');
      const file =
        kind === 'pdf'
          ? await pdfOf(plain(), title)
          : kind === 'png'
            ? await pngOf(svg, size, 1)
            : new Blob([svg], { type: 'image/svg+xml' });
      await saveFile(`${fileName.replaceAll(/[^\p{L}\p{N}@._-]+/gu, '-')}.${kind}`, file);
    });
  return (
    <div className="stack">
      <TextField label="Title" {...form.field('title')} />
      <div className="row spread wrap">
        <Segments
          label="Shape"
          choices={CHOICES.map(([value, { label }]) => ({ value, label }))}
          value={shape}
          onValue={setShape}
        />
        <span className="row">
          {form.isKept && <DraftNote onDiscard={form.forget} />}
          <Button onClick={save('svg')}>Save as SVG</Button>
          <Button onClick={save('pdf')}>Save as PDF</Button>
          <Button kind="primary" onClick={save('png')}>
            Save as PNG
          </Button>
        </span>
      </div>
      <img
        className="code-picture block wide"
        src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`}
        alt={`${title}: ${content.lead}`}
      />
    </div>
  );
}

/** Blocks of 44 pixels with tiles of 3: in a picture of 1920 × 1080 tiles of 3.75. */
const WIDTH = 734;

/** What a picture of the tab shows: the map as it is coloured, on Collisions by what shares an ID. */
function usePicture(): Query<PictureContent> & { fileName: string } {
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
      source: `${nameOf({ ...facts, id: facts.run }, []).title}, ${shapeText(facts.codebookSizes)} · seed ${facts.seed} · Tessera`,
      drawing: mapScene({ map: data, colour }, WIDTH, colours),
    };
  }, [data, isCollisions, facts, colour, colours]);
  return { data: content, error: map.error, refetch: map.refetch, fileName: `${facts.name}-${place.view}` };
}
