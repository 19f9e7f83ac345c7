/** Rows of spans as Ink text: the way from the presenters to the chrome. */
import { Box, Text } from 'ink';
import { createContext, type ReactNode, use } from 'react';
import { toAscii } from '../present/glyphs.ts';
import type { Line } from '../present/span.ts';
import { textProps } from '../theme.ts';

/** Whether the terminal shows nothing but ASCII. */
export const AsciiContext = createContext(false);

export function Rows({ rows, width }: { readonly rows: readonly Line[]; readonly width: number }): ReactNode {
  const ascii = use(AsciiContext);
  return (
    <Box flexDirection="column" width={width} height={rows.length} flexShrink={0} overflow="hidden">
      {rows.map((row, y) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row is its place
        <Text key={y} wrap="truncate">
          {row.length === 0
            ? ' '
            : row.map(({ text, look }, x) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a span is its place
                <Text key={x} {...textProps(look)}>
                  {ascii ? toAscii(text) : text}
                </Text>
              ))}
        </Text>
      ))}
    </Box>
  );
}
