import { useEffect, useMemo, useState } from 'react';
import { pngOf, typefaceFor } from '../../../charts/picture.ts';
import { useChartColours } from '../../../charts/use-chart-colours.ts';
import { Button } from '../../../components/Button.tsx';
import { TextField } from '../../../components/controls.tsx';
import { saveFile } from '../../../components/copy.ts';
import { Dialog } from '../../../components/Dialog.tsx';
import { Missing } from '../../../components/Screen.tsx';
import { Segments } from '../../../components/Segments.tsx';
import { attempt } from '../../../state/toasts.ts';
import { type PictureContent, type PictureShape, pictureSvg, SHAPES } from './picture.ts';
import { usePicture } from './use-picture.ts';

const CHOICES = Object.entries(SHAPES) as [PictureShape, (typeof SHAPES)[PictureShape]][];

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
  const [title, setTitle] = useState(content.title);
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
  const save = (kind: 'png' | 'svg') => () =>
    void attempt('Could not save the picture', async () => {
      const size = SHAPES[shape];
      const file = kind === 'png' ? await pngOf(svg, size, 1) : new Blob([svg], { type: 'image/svg+xml' });
      await saveFile(`${fileName.replaceAll(/[^\p{L}\p{N}@._-]+/gu, '-')}.${kind}`, file);
    });
  return (
    <div className="stack">
      <TextField label="Title" value={title} onValue={setTitle} />
      <div className="row spread wrap">
        <Segments
          label="Shape"
          choices={CHOICES.map(([value, { label }]) => ({ value, label }))}
          value={shape}
          onValue={setShape}
        />
        <span className="row">
          <Button onClick={save('svg')}>Save as SVG</Button>
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
