/** Rows of spans as Ink text: the way from the presenters to the chrome. */
import { Box, Text } from 'ink';
import { createContext, type ReactNode, use } from 'react';
import type { Canvas, ColourLevel } from '../compositor/index.ts';
import { toAscii } from '../present/glyphs.ts';
import type { Line } from '../present/span.ts';
import { DARK, paintRows, type Theme, textProps } from '../theme.ts';

/** What the terminal and its operator make of the rows. */
export interface Drawing {
  /** It shows nothing but ASCII. */
  readonly ascii: boolean;
  readonly theme: Theme;
  readonly colours: ColourLevel;
}

export const DrawingContext = createContext<Drawing>({ ascii: false, theme: DARK, colours: 16 });

/** Draws rows from the top of a canvas, as this terminal shows them. */
export function usePaintRows(): (canvas: Canvas, rows: readonly Line[]) => void {
  const { ascii, theme } = use(DrawingContext);
  return (canvas, rows) => paintRows(canvas, rows, ascii, theme);
}

export function Rows({ rows, width }: { readonly rows: readonly Line[]; readonly width: number }): ReactNode {
  const { ascii, theme, colours } = use(DrawingContext);
  return (
    <Box flexDirection="column" width={width} height={rows.length} flexShrink={0} overflow="hidden">
      {rows.map((row, y) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
        <Text key={y} wrap="truncate">
          {row.length === 0
            ? ' '
            : row.map(({ text, look }, x) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a span is its place
                <Text key={x} {...textProps(theme, look, colours)}>
                  {ascii ? toAscii(text) : text}
                </Text>
              ))}
        </Text>
      ))}
    </Box>
  );
}
